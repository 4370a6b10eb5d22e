import { describe, expect, test } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import { signingKeys, signRequest } from './signatures.js';

const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const previousSecret = 'whsec_AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw=';

/** The same by Node's own HMAC. */
function expected(
  key: string,
  id: string,
  timestamp: number,
  body: Buffer,
): { hub: string; standard: string } {
  const decoded = Buffer.from(key.replace('whsec_', ''), 'base64');
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  return {
    hub: `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
    standard: `v1,${createHmac('sha256', decoded).update(signed).digest('base64')}`,
  };
}

describe('signatures equal HMAC-SHA256', () => {
  // Around the block of the hash, around the length from which bodies are hashed in pieces, and far beyond it.
  const lengths = [0, 1, 55, 56, 63, 64, 65, 1_024, 60_000, 64_000, 64_959, 64_960, 65_536, 300_000];
  test.each(lengths)('for a body whose first part has %i bytes', (length) => {
    for (const suffix of ['', '}', ',"Metadata":{"Text":"zażółć 🚀"}}']) {
      const prefix = randomBytes(length);
      const wanted = expected(secret, 'evt_1', 1_674_087_231, Buffer.concat([prefix, Buffer.from(suffix)]));
      const made = signRequest(
        { prefix, suffix, messageId: 'evt_1', timestamp: 1_674_087_231 },
        signingKeys(secret),
        null,
      );
      expect(made).toEqual({ HubSignature: wanted.hub, StandardSignature: wanted.standard });
    }
  });

  test.each(['k', 'Very Secret Secret', `whsec_${randomBytes(24).toString('base64')}`, 'x'.repeat(200)])(
    'for a secret of any length (%#)',
    (key) => {
      const prefix = Buffer.from('{"A":1');
      const made = signRequest({ prefix, suffix: '}', messageId: 'e', timestamp: 1 }, signingKeys(key), null);
      const wanted = expected(key, 'e', 1, Buffer.from('{"A":1}'));
      expect(made).toEqual({ HubSignature: wanted.hub, StandardSignature: wanted.standard });
    },
  );

  test('for an id that is longer than any should be', () => {
    const messageId = 'ż'.repeat(1_000);
    const made = signRequest(
      { prefix: Buffer.from('{'), suffix: '}', messageId, timestamp: 1 },
      signingKeys(secret),
      null,
    );
    expect(made.StandardSignature).toBe(expected(secret, messageId, 1, Buffer.from('{}')).standard);
  });
});

test('requests that share a prefix, mixed with others, with other suffixes, ids and secrets, each get their own', () => {
  const shared = randomBytes(1_000);
  const other = randomBytes(1_500);
  const requests = Array.from({ length: 200 }, (_, index) => ({
    prefix: index % 7 === 3 ? other : shared,
    suffix: ','.repeat(index % 50),
    messageId: `evt_${index % 11}`,
    timestamp: 1_700_000_000 + (index % 3),
    secret: index % 2 === 0 ? secret : previousSecret,
  }));
  for (const request of requests) {
    const body = Buffer.concat([request.prefix, Buffer.from(request.suffix)]);
    const wanted = expected(request.secret, request.messageId, request.timestamp, body);
    expect(signRequest(request, signingKeys(request.secret), null)).toEqual({
      HubSignature: wanted.hub,
      StandardSignature: wanted.standard,
    });
  }
});

test('within the grace X-Hub is the new one alone, webhook-signature the new one and then the old', () => {
  const request = { prefix: Buffer.from('{'), suffix: '}', messageId: 'evt_1', timestamp: 1 };
  const made = signRequest(request, signingKeys(secret), signingKeys(previousSecret));
  const now = expected(secret, 'evt_1', 1, Buffer.from('{}'));
  const before = expected(previousSecret, 'evt_1', 1, Buffer.from('{}'));
  expect(made.HubSignature).toBe(now.hub);
  expect(made.StandardSignature).toBe(`${now.standard} ${before.standard}`);
});
