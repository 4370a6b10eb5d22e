import { expect, test } from '@jest/globals';
import { decodeSignRequest, maxSignRequestBytes, type SignItem } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import { SignBatcher } from './sign-batcher.js';

interface Request {
  readonly bytes: number;
  readonly items: readonly SignItem[];
  readonly answer: (reply: unknown) => void;
  readonly fail: (error: Error) => void;
}

function makeDesk(maxInFlight = 8): {
  readonly batcher: SignBatcher;
  readonly requests: Request[];
  readonly errors: { readonly error: unknown; readonly items: number }[];
} {
  const requests: Request[] = [];
  const errors: { error: unknown; items: number }[] = [];
  const batcher = new SignBatcher({
    ask: (request) =>
      new Promise((resolve, reject) => {
        requests.push({
          bytes: request.length,
          items: decodeSignRequest(request),
          answer: (reply) => resolve(Buffer.from(JSON.stringify(reply))),
          fail: reject,
        });
      }),
    maxInFlight,
    onError: (error, items) => errors.push({ error, items }),
  });
  return { batcher, requests, errors };
}

const makeItem = (n: number, prefix = Buffer.from('{"Id":"1"')): SignItem => ({
  organizationId: 'o',
  webhookId: `w${n}`,
  secretVersion: 1,
  messageId: `m${n}`,
  timestamp: 1_700_000_000 + n,
  prefix,
  suffix: `,"Metadata":{"N":${n}}}`,
});
const signatureOf = (item: SignItem) => ({
  HubSignature: `sha256=${item.messageId}`,
  StandardSignature: `v1,${item.messageId}`,
  Authorization: null,
});
const replyTo = (request: Request | undefined) => ({ Items: (request?.items ?? []).map(signatureOf) });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a lone delivery is signed at once', async () => {
  const { batcher, requests } = makeDesk();
  const signed = batcher.sign(makeItem(1));
  await turn();
  expect(requests[0]?.items).toEqual([makeItem(1)]);
  requests[0]?.answer(replyTo(requests[0]));
  expect(await signed).toEqual(signatureOf(makeItem(1)));
});

test('what comes in the same turn goes together, each answered with its own', async () => {
  const { batcher, requests } = makeDesk();
  const signed = Promise.all([1, 2, 3].map((n) => batcher.sign(makeItem(n))));
  await turn();
  expect(requests).toHaveLength(1);
  requests[0]?.answer(replyTo(requests[0]));
  expect(await signed).toEqual([1, 2, 3].map((n) => signatureOf(makeItem(n))));
});

test('64 per request, and no more requests at the same time than allowed', async () => {
  const { batcher, requests } = makeDesk(2);
  const signed = Promise.all(Array.from({ length: 200 }, (_, n) => batcher.sign(makeItem(n))));
  await turn();
  await turn();
  expect(requests.map(({ items }) => items.length)).toEqual([64, 64]);
  for (let at = 0; at < 4; at += 1) {
    requests[at]?.answer(replyTo(requests[at]));
    await turn();
    await turn();
  }
  expect(await signed).toEqual(Array.from({ length: 200 }, (_, n) => signatureOf(makeItem(n))));
  expect(requests.map(({ items }) => items.length)).toEqual([64, 64, 64, 8]);
});

test('while a request is under way the next ones gather for a moment and do not wait for its answer', async () => {
  const { batcher, requests } = makeDesk();
  void batcher.sign(makeItem(1));
  await turn();
  void batcher.sign(makeItem(2));
  void batcher.sign(makeItem(3));
  await turn();
  expect(requests).toHaveLength(1);
  await waitFor('the second request', () => requests.length === 2);
  expect(requests.map(({ items }) => items.length)).toEqual([1, 2]);
});

test('no request is larger than a message may be, but one that is too large alone still goes', async () => {
  const { batcher, requests } = makeDesk();
  const prefix = () => Buffer.alloc(200_000, 'x');
  for (let n = 0; n < 6; n += 1) void batcher.sign(makeItem(n, prefix()));
  void batcher.sign(makeItem(6, Buffer.alloc(maxSignRequestBytes + 1, 'x')));
  await turn();
  expect(requests.map(({ items }) => items.length)).toEqual([2, 2, 2, 1]);
  for (const { bytes } of requests.slice(0, 3)) expect(bytes).toBeLessThanOrEqual(maxSignRequestBytes);
});

test('deliveries of one event carry its bytes once', async () => {
  const { batcher, requests } = makeDesk();
  const prefix = Buffer.alloc(200_000, 'x');
  for (let n = 0; n < 64; n += 1) void batcher.sign(makeItem(n, prefix));
  await turn();
  expect(requests.map(({ items }) => items.length)).toEqual([64]);
  expect(requests[0]?.bytes).toBeLessThan(250_000);
});

test.each([
  ['nobody answers', (request: Request) => request.fail(new Error('no responders'))],
  ['the answer does not parse', (request: Request) => request.answer({ Ok: false, Code: 'internal' })],
  ['the answer is short of one', (request: Request) => request.answer({ Items: [] })],
])('%s: unavailable, told once, and the next one is asked for anew', async (_what, respond) => {
  const { batcher, requests, errors } = makeDesk();
  const signed = Promise.all([batcher.sign(makeItem(1)), batcher.sign(makeItem(2))]);
  await turn();
  respond(requests[0] as Request);
  expect(await signed).toEqual([{ Error: 'unavailable' }, { Error: 'unavailable' }]);
  expect(errors.map(({ items }) => items)).toEqual([2]);
  const next = batcher.sign(makeItem(3));
  await turn();
  requests[1]?.answer(replyTo(requests[1]));
  expect(await next).toEqual(signatureOf(makeItem(3)));
});

test('a delivery whose secret is not there does not hold up its neighbours', async () => {
  const { batcher, requests } = makeDesk();
  const signed = Promise.all([batcher.sign(makeItem(1)), batcher.sign(makeItem(2))]);
  await turn();
  requests[0]?.answer({ Items: [{ Error: 'no_secret' }, signatureOf(makeItem(2))] });
  expect(await signed).toEqual([{ Error: 'no_secret' }, signatureOf(makeItem(2))]);
});
