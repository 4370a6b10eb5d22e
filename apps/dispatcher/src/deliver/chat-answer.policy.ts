// What a chat service's answer means, beyond what HTTP says of it.
import type { WebhookType } from '@postrider/contracts';

/** Why a 2xx of such a service is no success; null where it is one. */
export function refusedByChat(type: WebhookType, statusCode: number, body: Buffer): string | null {
  // Workflows answer 202 and post later; nothing more is to be had from them.
  if (type !== 'slack') return null;
  const text = body.subarray(0, 100).toString('utf8').trim();
  if (statusCode === 200 && text === 'ok') return null;
  return `Slack answers 200 with "ok" to what it takes; this is ${statusCode} with another body: is the URL one of an incoming webhook?`;
}
