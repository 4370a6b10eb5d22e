// The client against a real HTTP server that answers as it is told.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  EventStreamParser,
  everyRow,
  PostriderApiError,
  PostriderClient,
  PostriderUnreachableError,
} from '../src/index.js';

interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (request: Got, response: ServerResponse, index: number) => void;

let answer: Answer;
let got: Got[];
let apiUrl: string;
let client: PostriderClient;
let stop: () => Promise<unknown>;

beforeEach(async () => {
  got = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { method = '', url = '', headers } = message;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      answer(request, response, got.push(request) - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new PostriderClient({ apiUrl, apiKey: 'pr_key' });
  stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(() => stop());

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const away = (response: ServerResponse): void =>
  json(
    response,
    503,
    { status: 503, code: 'unavailable', detail: 'PostgreSQL is away' },
    { 'Retry-After': '0' },
  );

test('sends the key, the query and merge patches as the API wants them', async () => {
  answer = (_, response) => json(response, 200, {});
  const { webhooks, deliveries } = client.organization('o/1');
  await webhooks.change('w1', { Alias: null });
  await deliveries.list({ Status: 'Failed', Limit: 5 });
  expect(got[0]).toMatchObject({
    method: 'PATCH',
    url: '/v1/organizations/o%2F1/webhooks/w1',
    headers: { authorization: 'Bearer pr_key', 'content-type': 'application/merge-patch+json' },
    body: '{"Alias":null}',
  });
  expect(got[1]?.url).toBe('/v1/organizations/o%2F1/deliveries?Status=Failed&Limit=5');
});

test('sends further headers, asked for at each call: what a browser proves its session with', async () => {
  answer = (_, response) => json(response, 200, {});
  let token: string | null = null;
  const browser = new PostriderClient({
    apiUrl,
    headers: (method): Record<string, string> =>
      method === 'GET' || token === null ? {} : { 'X-CSRF-Token': token },
  });
  await browser.signIn({ Key: 'pr_key' });
  token = 't1';
  await browser.session();
  await browser.organization('o').webhooks.pause('w');
  expect(got.map(({ method, headers }) => [method, headers['x-csrf-token']])).toEqual([
    ['POST', undefined],
    ['GET', undefined],
    ['POST', 't1'],
  ]);
  expect(got[0]?.body).toBe('{"Key":"pr_key"}');
  expect(got.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test('without an address it calls the host that the page came from', async () => {
  const urls: unknown[] = [];
  const fetch: typeof globalThis.fetch = (url) => {
    urls.push(url);
    return Promise.resolve(new Response('{}'));
  };
  await new PostriderClient({ apiUrl: '', fetch }).organization('o').auditLog({ Limit: 50 });
  expect(urls).toEqual(['/v1/organizations/o/audit-log?Limit=50']);
});

test('hands out the text of an event, since to parse it loses digits and the order of keys', async () => {
  const text = '{"Id":"e/1","Data":{"2":12345678901234567890,"1":1.0}}';
  answer = (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
  expect(await client.organization('o').events.getText('e/1')).toBe(text);
  expect(got[0]?.url).toBe('/v1/organizations/o/events/e%2F1');
});

test('walks through all pages', async () => {
  answer = ({ url }, response) => {
    const cursor = new URL(url, 'http://x').searchParams.get('Cursor');
    json(response, 200, { Data: [{ Id: cursor ?? 'first' }], NextCursor: cursor === null ? 'second' : null });
  };
  const ids: string[] = [];
  for await (const { Id } of everyRow((query) => client.organization('o').webhooks.list(query))) ids.push(Id);
  expect(ids).toEqual(['first', 'second']);
});

describe('errors', () => {
  test('a problem comes with its code, its fields and the request id', async () => {
    const problem = {
      type: 'urn:postrider:problem:invalid_fields',
      title: 'Some fields are wrong',
      status: 422,
      detail: '/Url must be a text',
      code: 'invalid_fields',
      errors: [{ pointer: '/Url', detail: 'must be a text' }],
      requestId: 'r1',
    };
    answer = (_, response) => json(response, 422, problem);
    const error = await client
      .organization('o')
      .webhooks.create({ Topics: ['*'] })
      .catch((one: unknown) => one);
    expect(error).toBeInstanceOf(PostriderApiError);
    expect(error).toMatchObject({
      status: 422,
      code: 'invalid_fields',
      message: '/Url must be a text',
      errors: problem.errors,
      requestId: 'r1',
    });
  });

  test('what is no problem document is still an error, with its status', async () => {
    answer = (_, response) => response.writeHead(404).end('<h1>nginx</h1>');
    await expect(client.session()).rejects.toMatchObject({
      status: 404,
      code: 'unknown',
      message: 'the server answered 404 Not Found',
    });
  });

  test('nobody there, and nobody who answers in time', async () => {
    const nobody = new PostriderClient({ apiUrl: 'http://127.0.0.1:9', retries: 0 });
    await expect(nobody.session()).rejects.toBeInstanceOf(PostriderUnreachableError);
    await expect(nobody.session()).rejects.toThrow(/no answer from http:\/\/127\.0\.0\.1:9.*/);
    answer = () => undefined;
    const hasty = new PostriderClient({ apiUrl, timeoutMs: 100, retries: 0 });
    await expect(hasty.session()).rejects.toThrow('it took longer than 100 ms');
  });
});

describe('trying again', () => {
  test('a read is repeated while the server is away', async () => {
    answer = (_, response, index) => (index < 2 ? away(response) : json(response, 200, { Kind: 'admin' }));
    expect(await client.session()).toEqual({ Kind: 'admin' });
    expect(got).toHaveLength(3);
  });

  test('a read is not repeated for ever, nor where it would not help', async () => {
    answer = (_, response) => away(response);
    await expect(client.session()).rejects.toMatchObject({ status: 503 });
    expect(got).toHaveLength(3);
    answer = (_, response) => json(response, 403, { code: 'scope_missing' });
    await expect(client.session()).rejects.toMatchObject({ code: 'scope_missing' });
    expect(got).toHaveLength(4);
  });

  test('what changes something is sent once', async () => {
    answer = (_, response) => away(response);
    const { webhooks, deliveries, replays } = client.organization('o');
    for (const call of [
      () => webhooks.create({ Url: 'https://example.com', Topics: ['*'] }),
      () => webhooks.delete('w'),
      () => webhooks.rotateSecret('w'),
      () => deliveries.resend('d'),
      () => replays.create({ From: 0, To: 1 }),
      () => client.signIn({ Key: 'k' }),
      () => client.createTopic({ Name: 'a.b' }),
      () => client.organization('o').createPortalLink({ Scopes: ['webhooks:read'] }),
    ]) {
      got.length = 0;
      await expect(call()).rejects.toMatchObject({ status: 503 });
      expect(got).toHaveLength(1);
    }
  });

  test('a publish whose answer was lost is repeated with the same Id', async () => {
    answer = (_, response, index) =>
      index === 0
        ? response.socket?.destroy()
        : json(response, 202, { Id: 'e', Duplicate: true, Deliveries: 1 });
    await client.organization('o').events.publish({ Topic: 'a.b', Data: {} });
    const ids = got.map(({ body }) => (JSON.parse(body) as { Id: string }).Id);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).toBe(ids[0]);
  });
});

describe('the live stream', () => {
  const stream = (response: ServerResponse, text: string): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    // In two pieces, cut where it hurts.
    response.write(text.slice(0, 20));
    setImmediate(() => response.end(text.slice(20)));
  };
  const event = (more: number): string =>
    `retry: 3000\n: watching\n\nevent: deliveries\ndata: {"Data":[],"More":${more}}\n\n`;

  test('is opened again when it ends, until its reader has enough', async () => {
    answer = (_, response, index) => stream(response, event(index));
    const opened: boolean[] = [];
    const seen: number[] = [];
    const controller = new AbortController();
    const live = client.organization('o').live({
      WebhookId: 'w',
      signal: controller.signal,
      onOpen: ({ isAgain }) => opened.push(isAgain),
    });
    for await (const { More } of live) if (seen.push(More) === 2) controller.abort();
    expect(seen).toEqual([0, 1]);
    expect(opened).toEqual([false, true]);
    expect(got[0]).toMatchObject({
      url: '/v1/organizations/o/live?WebhookId=w',
      headers: { accept: 'text/event-stream' },
    });
  });

  test('ends with an error where the key may not watch', async () => {
    answer = (_, response) => json(response, 403, { code: 'scope_missing' });
    await expect(client.organization('o').live().next()).rejects.toMatchObject({ code: 'scope_missing' });
  });

  test.each(['\n', '\r\n', '\r'])('is cut at lines that end in %j, whatever pieces they come in', (end) => {
    const text = `: hi\n\nevent: a\ndata: 1\ndata:2\n\ndata: zażółć\n\nevent: c\n\n`.replaceAll('\n', end);
    for (let size = 1; size < text.length; size += 1) {
      const parser = new EventStreamParser();
      const events = [];
      for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
      events.push(...parser.push('x'));
      expect(events).toEqual([
        { event: 'a', data: '1\n2' },
        { event: 'message', data: 'zażółć' },
      ]);
    }
  });
});
