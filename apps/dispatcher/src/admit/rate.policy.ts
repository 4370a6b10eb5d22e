import type { WebhookConfiguration } from '@postrider/contracts';

/**
 * Slack takes a message per second and channel, and nobody reads more; mailboxes are no different. Events and resends keep
 * to it by their turns (claim/claim-messages.ts); pings, which somebody waits for, by this.
 */
const messagesPerSecond = 1;

/** Requests per second at most, or null: as many as the receiver stands. */
export function ratePerSecond({ Type, RateLimitPerSecond }: WebhookConfiguration): number | null {
  return Type === 'webhook' ? RateLimitPerSecond : messagesPerSecond;
}
