// Messages on their way to services that enforce their limits.
import { afterEach, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { startSlack, startTeams, type Receiver } from '@postrider/test-kit';
import { makeTask, makeWebhook } from '../test/makers.js';
import { localRules, makeConnections } from '../test/sender.js';
import { EndpointBook } from './deliver/endpoint-book.js';
import { HttpClient } from './deliver/http-client.js';
import { MessageSender } from './message-sender.js';
import type { SentMessage } from './sent-message.js';
import type { DeliveryTask } from './task.js';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const bodyPrefix = Buffer.from(
  '{"Id":"e1","Topic":"job.execution.failed","CreatedAt":1,"Resource":null,"PreviousData":null,"Data":{"JobId":"<j&1>"}',
);

async function started(start: () => Promise<Receiver>): Promise<Receiver> {
  const receiver = await start();
  cleanUps.push(() => receiver.stop());
  return receiver;
}

async function send(
  type: 'slack' | 'teams',
  url: string,
  tasks: readonly DeliveryTask[] = [
    makeTask({ event: { id: 'e1', topic: 'job.execution.failed', bodyPrefix } }),
  ],
): Promise<SentMessage> {
  const connections = makeConnections();
  cleanUps.push(() => connections.close());
  const sender = new MessageSender({
    endpoints: new EndpointBook(localRules),
    http: new HttpClient(connections),
    mail: null,
    version: '1',
  });
  return sender.send(makeWebhook({ Type: type, Url: url }), tasks);
}

test.each([
  ['slack', startSlack, 200],
  ['teams', startTeams, 202],
] as const)('%s takes it; it is recorded as sent, and not signed', async (type, start, status) => {
  const service = await started(start);
  const { request, result, failure } = await send(type, `${service.url}/services/x?y=1`);
  expect([failure, result?.response?.statusCode]).toEqual([null, status]);
  const [received] = service.requests;
  expect(received?.path).toBe('/services/x?y=1');
  expect(request).toEqual({
    Url: `${service.url}/services/x?y=1`,
    Headers: Object.fromEntries(
      (received?.headers ?? []).map(([name, value]) => [
        name.replace(/^[a-z]|-[a-z]/g, (letter) => letter.toUpperCase()),
        value,
      ]),
    ),
    Body: received?.text,
  });
  expect(Object.keys(request.Headers).sort()).toEqual([
    'Connection',
    'Content-Length',
    'Content-Type',
    'Host',
    'User-Agent',
  ]);
});

test.each([
  [{ status: 200, body: 'no_service' }, 'invalid_response'],
  [{ status: 200, body: '<html>ok</html>' }, 'invalid_response'],
  [{ status: 204 }, 'invalid_response'],
  [{ status: 400, body: 'invalid_blocks' }, 'http_status'],
  [{ status: 429, headers: { 'Retry-After': '30' } }, 'http_status'],
])('slack answering %j has not taken it', async (answer, code) => {
  const service = await started(startSlack);
  service.respond(answer);
  const { failure } = await send('slack', service.url);
  expect(failure?.code).toBe(code);
});

test('where egress forbids the address nothing is sent', async () => {
  const { result, failure, request } = await send('slack', 'https://10.0.0.1/x');
  expect([result, failure?.code]).toEqual([null, 'egress_blocked']);
  expect(request.Body).toContain('&lt;j&amp;1&gt;');
});

describe('a digest', () => {
  const topics = ['job.execution.failed', 'order.paid', 'order.paid'];
  const many = (count: number, told: number): DeliveryTask[] =>
    Array.from({ length: count }, (_, n) => {
      const topic = topics[n % topics.length] ?? '';
      const Data = { Alias: `<j&${n}> ${'🚀'.repeat(200)}`, ExitCode: n };
      const text = JSON.stringify({ Id: `e${n}`, Topic: topic, CreatedAt: 1, Resource: null, Data });
      return makeTask({
        deliveryId: newId(1_000_000 + n * 100),
        event: { id: `e${n}`, topic, bodyPrefix: Buffer.from(n < told ? text.slice(0, -1) : '') },
      });
    });

  test.each([
    ['slack', startSlack],
    ['teams', startTeams],
  ] as const)('%s takes it: it says how many there are, of what, within which time', async (type, start) => {
    const service = await started(start);
    const { failure, request } = await send(type, service.url, many(300, 10));
    expect(failure).toBeNull();
    for (const part of ['300 events within 29.9 s', '200', 'order.paid', '290 more', 'exit status 0']) {
      expect(request.Body).toContain(part);
    }
    expect(request.Body).toMatch(type === 'slack' ? /🔴/ : /Attention/);
    expect(request.Body.length).toBeLessThan(6_000);
    expect(service.requests).toHaveLength(1);
  });
});
