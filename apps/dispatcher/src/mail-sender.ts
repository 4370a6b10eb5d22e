// Mail, put together: who it is from, the links in it, and what is recorded of it.
import {
  mailLinkToken,
  parseMailAddress,
  type MailAddress,
  type SentRequest,
  type WebhookConfiguration,
} from '@postrider/contracts';
import { hash } from 'node:crypto';
import type { MailConfig } from './config.js';
import type { DeliveryFailure } from './deliver/error-codes.policy.js';
import type { DeliveryResult } from './deliver/http-client.js';
import { MailClient, type OutgoingMail } from './deliver/mail-client.js';
import { renderConfirmation, renderMail, type RenderedMail } from './render/mail.policy.js';
import type { MessageContext } from './render/message.policy.js';
import type { SentMessage } from './sent-message.js';

/** For so long the link of a confirmation holds. */
const confirmationMs = 7 * 86_400_000;
const confirmationTimeoutSeconds = 10;

export class MailSender {
  private readonly client: MailClient;

  constructor(
    private readonly config: MailConfig,
    private readonly now: () => number = Date.now,
  ) {
    this.client = new MailClient(config.smtpUrl);
  }

  /** The deliveries make the Message-ID, the same on every retry and resend: readers drop duplicates by it. */
  async send(
    webhook: WebhookConfiguration,
    deliveryIds: readonly string[],
    context: MessageContext,
  ): Promise<SentMessage> {
    const to = parseMailAddress(webhook.Email ?? '');
    const unsubscribe = this.unsubscribeLink(webhook);
    const rendered = renderMail(context, unsubscribe);
    const mail = this.compose(rendered, to, `${messageKey(deliveryIds)}@${domainOf(this.config.from)}`, {
      ...eventHeaders(context),
      // RFC 2369, RFC 8058.
      ...(unsubscribe === null
        ? {}
        : { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    });
    const request = recorded(mail, webhook.Email ?? '');
    if (to === null || webhook.EmailConfirmedAt === null) {
      return { request, result: null, failure: unconfirmed };
    }
    const result = await this.client.send(mail, webhook.TimeoutSeconds);
    return { request, result, failure: result.failure };
  }

  /** Asks the reader of a webhook's address. `linkBase`: where config-api is reached from outside. */
  async sendConfirmation(webhook: WebhookConfiguration, linkBase: string): Promise<DeliveryResult> {
    const email = webhook.Email ?? '';
    const link = { ...idsOf(webhook), purpose: 'confirm', expiresAt: this.now() + confirmationMs } as const;
    const url = `${linkBase}/v1/mail/${mailLinkToken(this.config.linkKey, link, email)}`;
    const id = `confirm.${webhook.Id}.${this.now()}@${domainOf(this.config.from)}`;
    const mail = this.compose(renderConfirmation(webhook.Alias, url), parseMailAddress(email), id, {});
    return this.client.send(mail, confirmationTimeoutSeconds);
  }

  private compose(
    rendered: RenderedMail,
    to: MailAddress | null,
    messageId: string,
    headers: Readonly<Record<string, string>>,
  ): OutgoingMail {
    return {
      ...rendered,
      from: this.config.from,
      to: to ?? { name: null, address: '' },
      messageId: `<${messageId}>`,
      // RFC 3834: no vacation notices in return.
      headers: { 'Auto-Submitted': 'auto-generated', ...headers },
    };
  }

  private unsubscribeLink(webhook: WebhookConfiguration): string | null {
    if (this.config.publicUrl === null) return null;
    const link = { ...idsOf(webhook), purpose: 'unsubscribe', expiresAt: null } as const;
    const token = mailLinkToken(this.config.linkKey, link, webhook.Email ?? '');
    return `${this.config.publicUrl}/v1/mail/${token}`;
  }

  close(): void {
    this.client.close();
  }
}

const unconfirmed: DeliveryFailure = {
  code: 'recipient_unconfirmed',
  message: 'the reader of this address has not agreed to get mail yet',
  isFinal: true,
};

function messageKey(deliveryIds: readonly string[]): string {
  const [only = ''] = deliveryIds;
  return deliveryIds.length === 1 ? only : `digest.${hash('sha256', deliveryIds.join()).slice(0, 32)}`;
}

function eventHeaders({ event, events }: MessageContext): Record<string, string> {
  return event === null
    ? { 'X-Postrider-Events': String(events) }
    : { 'X-Postrider-Topic': event.topic, 'X-Postrider-Event-Id': event.id };
}

function idsOf({ OrganizationId, Id }: WebhookConfiguration) {
  return { organizationId: OrganizationId, webhookId: Id };
}

function domainOf({ address }: MailAddress): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function recorded({ from, subject, text, messageId, headers }: OutgoingMail, email: string): SentRequest {
  const sender = from.name === null ? from.address : `${from.name} <${from.address}>`;
  const address = parseMailAddress(email)?.address ?? '';
  return {
    Url: `mailto:${address}`,
    Headers: { From: sender, To: email, Subject: subject, 'Message-ID': messageId, ...headers },
    Body: text,
  };
}
