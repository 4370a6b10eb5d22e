import { createHmac, timingSafeEqual } from 'node:crypto';
import { WebhookVerificationError } from './errors.js';

const prefix = 'whsec_';
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** `X-Hub-Signature` is keyed with the UTF-8 bytes of the secret as it reads, prefix included. */
export function isHubSignature(header: string, body: Uint8Array, secrets: readonly string[]): boolean {
  const match = /^sha256=([0-9a-f]{64})$/i.exec(header.trim());
  if (!match?.[1]) {
    throw new WebhookVerificationError(
      'invalid_header',
      'X-Hub-Signature does not read sha256=<64 hexadecimal digits>.',
    );
  }
  const given = Buffer.from(match[1], 'hex');
  return someEqual(secrets, [given], (secret) => createHmac('sha256', secret).update(body).digest());
}

/** `webhook-signature` (Standard Webhooks 1.0): space-separated `v1,<base64>` over `id.timestamp.body`. */
export function isStandardSignature(
  header: string,
  id: string,
  timestamp: string,
  body: Uint8Array,
  secrets: readonly string[],
): boolean {
  const given = header
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice(3), 'base64'));
  if (given.length === 0) {
    throw new WebhookVerificationError(
      'invalid_header',
      'webhook-signature holds no signature of version v1 (v1,<base64>).',
    );
  }
  return someEqual(secrets, given, (secret) =>
    createHmac('sha256', decodedKey(secret)).update(`${id}.${timestamp}.`).update(body).digest(),
  );
}

/** Compares every pair, so that the time taken does not tell which one was right. */
function someEqual(
  secrets: readonly string[],
  given: readonly Uint8Array[],
  sign: (secret: string) => Uint8Array,
): boolean {
  let isEqual = false;
  for (const secret of secrets) {
    const expected = sign(secret);
    for (const one of given) {
      isEqual = (one.length === expected.length && timingSafeEqual(one, expected)) || isEqual;
    }
  }
  return isEqual;
}

function decodedKey(secret: string): Uint8Array {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  if (!base64.test(text)) {
    throw new WebhookVerificationError(
      'invalid_secret',
      `The signing secret does not read ${prefix}<base64>: pass it as it was shown, without spaces or quotes.`,
    );
  }
  return Buffer.from(text, 'base64');
}
