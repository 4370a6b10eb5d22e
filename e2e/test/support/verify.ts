// How a receiver verifies: the two ways that product.md gives, written independently of the code under test.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import type { ReceivedRequest } from '@postrider/test-kit';

/** As Cron To Go's customers do: HMAC-SHA256 of the body, keyed with the secret as it reads. */
export function verifiesHub(request: ReceivedRequest, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`);
  return ['X-Hub-Signature', 'X-Hub-Signature-256'].every((name) => {
    const given = Buffer.from(request.header(name) ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** With the npm package of Standard Webhooks. */
export function verifiesStandard(request: ReceivedRequest, secret: string): boolean {
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  try {
    new StandardWebhook(secret).verify(request.text, headers);
    return true;
  } catch {
    return false;
  }
}

export function verifies(request: ReceivedRequest, secret: string): boolean {
  return verifiesHub(request, secret) && verifiesStandard(request, secret);
}
