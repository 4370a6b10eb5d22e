import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ProblemError } from '@postrider/contracts';
import { askJson, Messaging } from '@postrider/messaging';
import { systemClock } from '@postrider/runtime';
import type { AddressInfo, Server } from 'node:net';
import { PUBLIC_URL } from '../tokens.js';

/** The mail server may take its time. */
const sendTimeoutMs = 15_000;
const perWebhookMs = 60_000;
const perHour = 20;
const hourMs = 3_600_000;

/** Asks the readers of addresses, by mail, whether they want any; seldom enough that nobody is pestered that way. */
@Injectable()
export class Confirmations {
  /** When an organization has asked, by webhook; of this process. */
  private readonly asked = new Map<string, { readonly webhookId: string; readonly atMs: number }[]>();

  constructor(
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | null,
  ) {}

  /** Resolves when the mail server has taken the mail. */
  async send(organizationId: string, webhookId: string): Promise<void> {
    this.count(organizationId, webhookId);
    await this.ask(organizationId, webhookId);
  }

  /** The second half of `send`. */
  async ask(organizationId: string, webhookId: string): Promise<void> {
    const request = { OrganizationId: organizationId, WebhookId: webhookId, LinkBase: this.linkBase() };
    await askJson(this.messaging, 'sendConfirmation', request, sendTimeoutMs);
  }

  /** The first half of `send`, for who must know before anything is changed: throws `rate_limited`. */
  count(organizationId: string, webhookId: string): void {
    const now = systemClock.now();
    const recent = (this.asked.get(organizationId) ?? []).filter(({ atMs }) => now - atMs < hourMs);
    const last = recent.findLast((one) => one.webhookId === webhookId);
    if (last !== undefined && now - last.atMs < perWebhookMs) {
      throw tooMany('a mail was sent less than a minute ago', perWebhookMs - (now - last.atMs));
    }
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= perHour) {
      throw tooMany(`${perHour} addresses were asked within an hour`, hourMs - (now - oldest.atMs));
    }
    this.asked.set(organizationId, [...recent, { webhookId, atMs: now }]);
  }

  private linkBase(): string {
    if (this.publicUrl !== null) return this.publicUrl;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

function tooMany(detail: string, waitMs: number): ProblemError {
  return new ProblemError('rate_limited', detail, [], { 'Retry-After': String(Math.ceil(waitMs / 1_000)) });
}
