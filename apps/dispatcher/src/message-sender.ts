// Messages to people: renders the event for the service that the webhook names, sends it, and reads the answer as that
// service means it.
import { userAgent, type WebhookConfiguration } from '@postrider/contracts';
import { idMs } from '@postrider/database';
import { refusedByChat } from './deliver/chat-answer.policy.js';
import type { EndpointBook } from './deliver/endpoint-book.js';
import type { DeliveryFailure } from './deliver/error-codes.policy.js';
import type { DeliveryResult, HttpClient } from './deliver/http-client.js';
import type { MailSender } from './mail-sender.js';
import { tellDigest } from './render/digest.policy.js';
import type { ChatRenderer, MessageContext } from './render/message.policy.js';
import { readableEvent } from './render/readable-event.js';
import { renderSlack } from './render/slack.policy.js';
import { tellStory, type Story } from './render/story.policy.js';
import { renderTeams } from './render/teams.policy.js';
import type { SentMessage } from './sent-message.js';
import type { DeliveryTask } from './task.js';

export interface MessageSenderParts {
  readonly endpoints: EndpointBook;
  readonly http: HttpClient;
  /** Null where no mail server is configured. */
  readonly mail: MailSender | null;
  readonly version: string;
}

type ChatType = 'slack' | 'teams';

const renderers: Readonly<Record<ChatType, ChatRenderer>> = { slack: renderSlack, teams: renderTeams };

export class MessageSender {
  constructor(private readonly parts: MessageSenderParts) {}

  /** One message for all of `tasks`, the oldest first. Never rejects for what the service does. */
  async send(webhook: WebhookConfiguration, tasks: readonly DeliveryTask[]): Promise<SentMessage> {
    const context = contextOf(webhook, tasks);
    if (webhook.Type !== 'email')
      return this.chat(webhook.Type === 'teams' ? 'teams' : 'slack', webhook, context);
    return this.parts.mail === null
      ? noMailServer(webhook)
      : this.parts.mail.send(
          webhook,
          tasks.map(({ deliveryId }) => deliveryId),
          context,
        );
  }

  private async chat(
    type: ChatType,
    webhook: WebhookConfiguration,
    context: MessageContext,
  ): Promise<SentMessage> {
    const text = renderers[type](context);
    const body = Buffer.from(text);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': userAgent(this.parts.version),
    };
    const url = webhook.Url ?? '';
    const endpoint = this.parts.endpoints.of(webhook);
    if (endpoint.kind === 'blocked') {
      return { request: { Url: url, Headers: headers, Body: text }, result: null, failure: endpoint.failure };
    }
    const result = await this.parts.http.send({
      origin: endpoint.origin,
      path: endpoint.path,
      headers: Object.entries(headers).flat(),
      body,
      timeoutSeconds: webhook.TimeoutSeconds,
    });
    const sent = {
      Host: new URL(endpoint.origin).host,
      Connection: 'keep-alive',
      ...headers,
      'Content-Length': String(body.length),
    };
    const request = { Url: url, Headers: sent, Body: text };
    return { request, result, failure: result.failure ?? unexpected(type, result) };
  }
}

function contextOf({ Alias: alias }: WebhookConfiguration, tasks: readonly DeliveryTask[]): MessageContext {
  const [first] = tasks;
  const last = tasks.at(-1);
  if (first === undefined || last === undefined) throw new Error('a message is of something');
  if (first === last) {
    const { event } = first;
    return { story: storyOf(first), alias, event: { topic: event.topic, id: event.id }, events: 1 };
  }
  const parts = tasks.map((task) => ({
    topic: task.event.topic,
    story: task.event.bodyPrefix.length === 0 ? null : storyOf(task),
  }));
  const spanMs = idMs(last.deliveryId) - idMs(first.deliveryId);
  return { story: tellDigest(parts, spanMs), alias, event: null, events: tasks.length };
}

function storyOf({ event }: DeliveryTask): Story {
  return tellStory(readableEvent(event.bodyPrefix));
}

function noMailServer({ Email }: WebhookConfiguration): SentMessage {
  return {
    request: { Url: `mailto:${Email ?? ''}`, Headers: {}, Body: '' },
    result: null,
    failure: { code: 'mail_deferred', message: 'this installation has no mail server configured (SMTP_URL)' },
  };
}

function unexpected(type: ChatType, { response }: DeliveryResult): DeliveryFailure | null {
  const refusal = response === null ? null : refusedByChat(type, response.statusCode, response.body);
  return refusal === null ? null : { code: 'invalid_response', message: refusal };
}
