// How a receiver verifies, written from the two specifications and not from the code under test: X-Hub-Signature, and
// Standard Webhooks with the tolerance of five minutes that its libraries have.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceivedRequest } from '@postrider/test-kit';

const toleranceSeconds = 300;

export function verifies(request: ReceivedRequest, secret: string): boolean {
  return verifiesHub(request, secret) && verifiesStandard(request, secret);
}

function verifiesHub(request: ReceivedRequest, secret: string): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`;
  return isEqual(request.header('X-Hub-Signature'), expected);
}

function verifiesStandard(request: ReceivedRequest, secret: string): boolean {
  const timestamp = request.header('webhook-timestamp') ?? '';
  if (!(Math.abs(request.at / 1000 - Number(timestamp)) <= toleranceSeconds)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key)
    .update(`${request.header('webhook-id')}.${timestamp}.`)
    .update(request.body)
    .digest('base64');
  const given = (request.header('webhook-signature') ?? '').split(' ');
  return given.some((one) => isEqual(one, `v1,${signed}`));
}

function isEqual(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
