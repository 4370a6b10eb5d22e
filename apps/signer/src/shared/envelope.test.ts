import { describe, expect, test } from '@jest/globals';
import { EnvelopeError, open, rewrap, seal, type SecretPlace } from './envelope.js';
import { MasterKeys } from './master-keys.js';

const keyText = (fill: string): string => Buffer.from(fill.padEnd(32, '-')).toString('base64');
const a = `a:${keyText('key of a')}`;
const b = `b:${keyText('key of b')}`;
const keys = MasterKeys.parse(a);
const place: SecretPlace = {
  organizationId: '0192f0c1-7a3b-7c4d-8e5f-000000000001',
  webhookId: '0192f0c1-7a3b-7c4d-8e5f-000000000002',
  field: 'signing-secret',
  version: 3,
};
const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

describe('a sealed secret', () => {
  test.each(['', secret, 'zażółć 🚀', 'x'.repeat(4_096)])('opens to what was sealed (%#)', (text) => {
    expect(open(keys, place, seal(keys, place, text))).toBe(text);
  });

  test('reads differently each time, begins with its format and names its key', () => {
    const one = seal(keys, place, secret);
    const other = seal(keys, place, secret);
    expect([...one.subarray(0, 3)]).toEqual([1, 1, 'a'.charCodeAt(0)]);
    // Format, key id, wrapped data key (12 + 32 + 16), nonce and tag around the text: nothing more.
    expect(one.length).toBe(2 + 1 + 60 + 28 + secret.length);
    expect(one.subarray(3).equals(other.subarray(3))).toBe(false);
    expect(one.includes(secret)).toBe(false);
  });

  test('does not open once any bit of it is another', () => {
    const envelope = seal(keys, place, secret);
    for (let at = 0; at < envelope.length; at += 1) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(envelope);
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(() => open(keys, place, changed)).toThrow(EnvelopeError);
      }
    }
  });

  test('does not open when it is cut short or made longer', () => {
    const envelope = seal(keys, place, secret);
    for (let length = 0; length < envelope.length; length += 1) {
      expect(() => open(keys, place, envelope.subarray(0, length))).toThrow(EnvelopeError);
    }
    expect(() => open(keys, place, Buffer.concat([envelope, Buffer.alloc(1)]))).toThrow(EnvelopeError);
  });

  test.each<[string, Partial<SecretPlace>]>([
    ['another organization', { organizationId: '0192f0c1-7a3b-7c4d-8e5f-000000000009' }],
    ['another webhook', { webhookId: '0192f0c1-7a3b-7c4d-8e5f-000000000009' }],
    ['another field', { field: 'authorization' }],
    ['another version', { version: 2 }],
  ])('does not open in the place of %s', (_, other) => {
    const envelope = seal(keys, place, secret);
    expect(() => open(keys, { ...place, ...other }, envelope)).toThrow(EnvelopeError);
    expect(() => rewrap(keys, { ...place, ...other }, envelope)).toThrow(EnvelopeError);
  });

  test('does not open when the data key of one row stands before the secret of another', () => {
    const wrappedEnd = 2 + 1 + 60;
    const one = seal(keys, place, secret);
    const other = seal(keys, place, 'whsec_of another');
    const mixed = Buffer.concat([one.subarray(0, wrappedEnd), other.subarray(wrappedEnd)]);
    expect(() => open(keys, place, mixed)).toThrow(/master key a/);
  });

  test('under an unknown key says which key is missing and which there are', () => {
    const envelope = seal(MasterKeys.parse(b), place, secret);
    expect(() => open(keys, place, envelope)).toThrow(
      'sealed with the master key b, which MASTER_KEYS does not have (it has a)',
    );
  });

  test('under another key of the same id says so', () => {
    const impostor = MasterKeys.parse(`a:${keyText('not the key of a')}`);
    expect(() => open(impostor, place, seal(keys, place, secret))).toThrow(
      /^the master key a does not open it/,
    );
  });
});

describe('replacing the master key', () => {
  const both = MasterKeys.parse(`${b},${a}`);

  test('what the older one wraps still opens; what is sealed now is under the newest', () => {
    expect(open(both, place, seal(keys, place, secret))).toBe(secret);
    const fresh = seal(both, place, secret);
    expect(open(MasterKeys.parse(b), place, fresh)).toBe(secret);
    expect(() => open(keys, place, fresh)).toThrow(/master key b/);
  });

  test('rewrapping moves a secret to the newest and leaves what the data key protects untouched', () => {
    const before = seal(keys, place, secret);
    const after = rewrap(both, place, before);
    expect(open(MasterKeys.parse(b), place, after)).toBe(secret);
    expect(after.subarray(-(28 + secret.length))).toEqual(before.subarray(-(28 + secret.length)));
  });
});
