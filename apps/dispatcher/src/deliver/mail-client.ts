// Hands mails to the operator's mail server, over a few connections that are kept. Egress rules do not apply: the server is
// the operator's choice, not a customer's.
import type { MailAddress } from '@postrider/contracts';
import { createTransport } from 'nodemailer';
import type { DeliveryResult } from './http-client.js';
import { mailFailure, type MailError } from './mail-failure.policy.js';

export interface OutgoingMail {
  readonly from: MailAddress;
  readonly to: MailAddress;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** Besides those that every mail has. */
  readonly headers: Readonly<Record<string, string>>;
}

const settings = {
  pool: true,
  maxConnections: 4,
  maxMessages: 200,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
  // Nothing of a message is ever read from a file or fetched.
  disableFileAccess: true,
  disableUrlAccess: true,
} as const;

export class MailClient {
  private readonly transport;

  constructor(smtpUrl: string) {
    this.transport = createTransport({ ...settings, ...connectionOf(smtpUrl) });
  }

  /** Never rejects. The reply of the mail server stands in for a response: its code, and its text for the body. */
  async send(mail: OutgoingMail, timeoutSeconds: number): Promise<DeliveryResult> {
    const startedAt = Date.now();
    const startedHr = performance.now();
    const end = (
      failure: DeliveryResult['failure'],
      reply: { readonly code: number; readonly text: string } | null,
    ): DeliveryResult => ({
      startedAt,
      durationMs: Math.round(performance.now() - startedHr),
      failure,
      response:
        reply === null
          ? null
          : { statusCode: reply.code, rawHeaders: [], body: Buffer.from(reply.text), truncated: false },
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DeliveryResult>((resolve) => {
      timer = setTimeout(
        () => resolve(end({ code: 'mail_deferred', message: `no answer within ${timeoutSeconds} s` }, null)),
        timeoutSeconds * 1_000,
      );
    });
    const sent = this.transport
      .sendMail({
        from: nodemailerAddress(mail.from),
        to: nodemailerAddress(mail.to),
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.messageId,
        headers: mail.headers,
      })
      .then(
        ({ response }) => end(null, replyOf(response)),
        (error: unknown) => end(mailFailure(error as MailError), replyOf((error as MailError).response)),
      );
    return Promise.race([sent, late]).finally(() => clearTimeout(timer));
  }

  close(): void {
    this.transport.close();
  }
}

function nodemailerAddress({ name, address }: MailAddress): { name: string; address: string } {
  return { name: name ?? '', address };
}

/** `smtp://user:password@host:587`, `smtps://…:465`; STARTTLS is taken where it is offered. */
function connectionOf(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

function replyOf(response: unknown): { readonly code: number; readonly text: string } | null {
  if (typeof response !== 'string') return null;
  const match = /^(\d{3})[ -]/.exec(response);
  return match === null ? null : { code: Number(match[1]), text: response.slice(0, 2_000) };
}
