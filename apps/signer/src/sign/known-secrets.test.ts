import { expect, test } from '@jest/globals';
import { KnownSecrets, type WebhookSecrets } from './known-secrets.js';
import { signingKeys } from './signatures.js';

const current = signingKeys('whsec_');
const of = (webhookId: string, version = 1): WebhookSecrets => ({
  organizationId: 'o',
  webhookId,
  version,
  current,
  previous: null,
  authorization: null,
  loadedAt: 0,
});
const remember = (known: KnownSecrets, ...all: WebhookSecrets[]) => known.remember(async () => all);

test('holds no more than its limit, and keeps what is in use', async () => {
  const known = new KnownSecrets(100);
  await remember(known, of('in use'));
  for (let index = 0; index < 1_000; index += 1) {
    await remember(known, of(`w${index}`));
    expect(known.get('in use')).toBeDefined();
    expect(known.size).toBeLessThanOrEqual(100);
  }
  expect(known.get('w999')).toBeDefined();
  expect(known.get('w0')).toBeUndefined();
});

test('what is loaded again takes the place of what was known, also of what was known for long', async () => {
  const known = new KnownSecrets(4);
  await remember(known, of('a', 1));
  await remember(known, of('b'), of('c'), of('d'));
  await remember(known, of('a', 2));
  expect(known.get('a')?.version).toBe(2);
  known.forget('a');
  expect(known.get('a')).toBeUndefined();
});

test('what changes while it is being loaded is not remembered: it may be the old one', async () => {
  const known = new KnownSecrets(10);
  let arrive: (secrets: WebhookSecrets[]) => void = () => undefined;
  const load = known.remember(() => new Promise((resolve) => (arrive = resolve)));
  known.forget('changed');
  arrive([of('changed'), of('unchanged')]);
  expect((await load).length).toBe(2);
  expect(known.get('changed')).toBeUndefined();
  expect(known.get('unchanged')).toBeDefined();
  await remember(known, of('changed', 2));
  expect(known.get('changed')?.version).toBe(2);
});

test('a load that fails leaves no trace', async () => {
  const known = new KnownSecrets(10);
  await expect(known.remember(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  await remember(known, of('a'));
  expect(known.get('a')).toBeDefined();
});
