// config-api towards callers that mean no good: limits, headers, what is no HTTP, and 10,000 requests made from its own
// document.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Problem } from '@postrider/contracts';
import { sendRequest } from '@postrider/test-kit';
import { fuzz } from '../../../scripts/lib/fuzz.mjs';
import { seedDelivery, seedEvent } from './support/services.js';
import { adminKey, startApi, type TestApi } from './support/api.js';

let api: TestApi;
/** Callers who send a byte per second, from the beginning on: what becomes of them. */
let dribbled: Promise<string[]>;
beforeAll(async () => {
  api = await startApi({ env: { CORS_ORIGINS: 'https://portal.example.com' } });
  const body = `POST /v1/organizations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n`;
  dribbled = Promise.all(['GET / HTTP/1.1\r\nX-Slow: ', body].map(dribble));
});
afterAll(() => api.stop());

test('10,000 requests made from the OpenAPI document: no 5xx, no hang, every error a problem', async () => {
  const org = await api.organization();
  const webhook = (await api.webhook(org)).Id;
  const event = await seedEvent(api.database, org, { id: 'evt_1' });
  const delivery = await seedDelivery(api.database, event, webhook, { status: 'Failed' });
  const known = {
    organizations: [org],
    webhooks: [webhook],
    deliveries: [delivery],
    events: [event.id],
    topics: ['job.execution.failed', 'fuzz.topic'],
  };
  const { sent, statuses, faults } = await fuzz({
    url: api.url,
    key: adminKey,
    count: 10_000,
    seed: 20_260_301,
    known,
  });
  expect(faults).toEqual([]);
  expect(sent).toBe(10_000);
  // It got somewhere: calls that worked, and refusals of several kinds.
  expect(Object.keys(statuses)).toEqual(
    expect.arrayContaining(['200', '201', '204', '400', '404', '415', '422']),
  );
}, 240_000);

/** What the server sends back for bytes of any kind until it closes. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.once('close', () => resolve(answer)).once('error', reject);
  });
}

function dribble(begin: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(begin));
    const drip = setInterval(() => socket.write('x'), 1_000);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket
      .on('error', () => undefined)
      .once('close', () => {
        clearInterval(drip);
        resolve(answer);
      });
  });
}

test('headers and bodies that drip in end their connection, and say why', async () => {
  // 15 s for the headers, 30 s for all of it, looked after every 5 s.
  for (const answer of await dribbled) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('application/problem+json');
  }
});

describe('what is no HTTP request is a problem too', () => {
  test.each([
    ['text', 'hello there\r\n\r\n', 400],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /v1/topics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks (request smuggling)',
      'POST /v1/topics HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a header with NUL', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n', 400],
  ])('%s', async (_what, text, status) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('application/problem+json');
    expect(Problem.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ status });
  });
});

test('who sends far too much is told so, and not cut off', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const bytes of [10_000_000, 2_000_000, 10_000_000]) {
    const body = Buffer.alloc(bytes, 'x');
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
      const sending = request(`${api.url}/v1/organizations`, { method: 'POST', headers, agent });
      sending.once('error', reject).once('response', (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      sending.end(body);
    });
    expect(status).toBe(413);
  }
  agent.destroy();
});

test('JSON that is nested too deeply is refused before it is parsed', async () => {
  const response = await api
    .call('post', '/v1/organizations')
    .set('Content-Type', 'application/json')
    .send(`{"Name":${'['.repeat(80)}"]]"${']'.repeat(80)}}`)
    .expect(422);
  expect(response.body).toMatchObject({ code: 'too_deep' });
});

describe('headers', () => {
  test('of an answer say what it is not to be used for', async () => {
    const { headers } = await api.call('get', '/v1/organizations').expect(200);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'x-request-id': expect.any(String),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    const docs = await api.call('get', '/docs', null).expect(200);
    expect(docs.headers['content-security-policy']).toContain("script-src 'self'");
  });

  test('let pages of the listed origins call, and no others', async () => {
    const from = (origin: string) => api.call('get', '/v1/organizations').set('Origin', origin);
    const listed = await from('https://portal.example.com');
    expect(listed.headers['access-control-allow-origin']).toBe('https://portal.example.com');
    const other = await from('https://evil.example.com');
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    expect(other.headers['vary']).toContain('Origin');
    const preflight = await sendRequest('OPTIONS', `${api.url}/v1/organizations`, {
      headers: { Origin: 'https://portal.example.com', 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization');
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('limits', () => {
  let limited: TestApi;
  beforeAll(async () => {
    limited = await startApi({
      env: {
        RATE_LIMIT_PER_KEY: '1',
        RATE_LIMIT_PER_ORGANIZATION: '1000',
        MAX_WEBHOOKS_PER_ORGANIZATION: '4',
        MAX_WEBHOOKS_PER_HOST: '2',
        ALLOW_HTTP_ENDPOINTS: 'true',
        EGRESS_ALLOW: '127.0.0.0/8',
      },
    });
  });
  afterAll(() => limited.stop());

  test('a key that asks too often is told when to come back; others are not affected', async () => {
    const org = await limited.organization();
    const [greedy, modest] = [
      await limited.key(org, 'webhooks:read'),
      await limited.key(org, 'webhooks:read'),
    ];
    const ask = (key: string) => limited.call('get', `/v1/organizations/${org}/webhooks`, key);
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(greedy)));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await ask(modest).expect(200);
    await limited.call('get', `/v1/organizations/${org}/webhooks`).expect(200);
  });

  test('an organization has so many webhooks, and so many to one host', async () => {
    const org = await limited.organization();
    const add = (Url: string) =>
      limited.call('post', `/v1/organizations/${org}/webhooks`).send({ Url, Topics: ['*'] });
    const first = await add('https://a.example.com/1').expect(201);
    await add('https://a.example.com/2').expect(201);
    const sameHost = await add('https://A.example.com/3').expect(409);
    expect(sameHost.body).toMatchObject({ code: 'limit_reached', errors: [{ pointer: '/Url' }] });
    await add('https://b.example.com/1').expect(201);
    const { Id } = (await add('https://c.example.com/1').expect(201)).body as { Id: string };
    expect((await add('https://d.example.com/1').expect(409)).body).toMatchObject({ code: 'limit_reached' });
    const path = `/v1/organizations/${org}/webhooks`;
    await limited.call('patch', `${path}/${Id}`).send({ Url: 'https://a.example.com/4' }).expect(409);
    // What is deleted makes room.
    await limited.call('delete', `${path}/${(first.body as { Id: string }).Id}`).expect(204);
    await limited.call('patch', `${path}/${Id}`).send({ Url: 'https://a.example.com/4' }).expect(200);
  });

  test('this machine is no host that needs sparing, where it is allowed at all', async () => {
    const org = await limited.organization();
    for (const path of ['1', '2', '3']) {
      await limited
        .call('post', `/v1/organizations/${org}/webhooks`)
        .send({ Url: `http://127.0.0.1/${path}`, Topics: ['*'] })
        .expect(201);
    }
  });
});
