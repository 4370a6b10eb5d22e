// A replay goes on at its rate through a kill -9 of a dispatcher: each delivery is sent again once, and its progress
// ends at its total; live traffic goes on beside it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Replay } from '@postrider/contracts';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';
import { Customer } from './support/client.js';

let system: TestSystem;
let receiver: Receiver;
let customer: Customer;

beforeAll(async () => {
  system = await startSystem({ instances: { dispatcher: 2 } });
  receiver = await startReceiver();
  customer = await Customer.signUp(system);
});
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});

const total = 300;
const ratePerSecond = 50;
const readReplay = (id: string) => customer.call<Replay>('GET', `/replays/${id}`, undefined, 200);

test('a replay of 300 deliveries, with a kill -9 in the middle', async () => {
  // A lease of 5 s + 10 s; a resend has no retries, so that a timeout would be a failure.
  const webhook = await customer.addWebhook(receiver.url, { TimeoutSeconds: 5, RetrySchedule: [] });
  receiver.respond({ status: 500 });
  const path = `${customer.path}/events`;
  for (let sent = 0; sent < total; sent += 100) {
    const events = Array.from({ length: 100 }, (_, n) => ({
      Id: `old-${sent + n}`,
      Topic: 'job.execution.failed',
      Data: {},
    }));
    expect((await system.ingest('POST', path, events)).status).toBe(202);
  }
  const wanted = { WebhookId: webhook.Id, Status: 'Failed', From: 0, To: Date.now() + 60_000 };
  await system.waitFor(
    'all to have failed',
    async () => {
      const preview = { ...wanted, DryRun: true };
      const { Total } = await customer.call<{ Total: number }>('POST', '/replays', preview, 200);
      return Total === total;
    },
    { timeoutMs: 30_000 },
  );
  receiver.clear();
  receiver.respond({ status: 200 });

  const startedAt = Date.now();
  const replay = await customer.call<Replay>(
    'POST',
    '/replays',
    { ...wanted, RatePerSecond: ratePerSecond },
    202,
  );
  expect(replay).toMatchObject({ Total: total, Done: 0, State: 'Running' });
  await receiver.waitForRequests(80, { timeoutMs: 30_000 });
  await system.service('dispatcher', 0).kill('SIGKILL');
  await customer.publish({ Id: 'live', Topic: 'job.execution.failed', Data: {} });
  await system.waitFor(
    'the live event',
    () => receiver.requests.some((request) => request.header('webhook-id') === 'live'),
    { timeoutMs: 30_000 },
  );
  await system.service('dispatcher', 0).restart();
  const finished = await system.waitFor(
    'the replay to end',
    async () => {
      const now = await readReplay(replay.Id);
      return now.State === 'Completed' ? now : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(finished).toMatchObject({ Total: total, Done: total, Succeeded: total, Failed: 0 });
  // Never quicker than its rate, but for the first second.
  expect(Date.now() - startedAt).toBeGreaterThan(((total - ratePerSecond) / ratePerSecond) * 1_000 - 500);

  const resent = receiver.requests.filter((request) => request.header('X-Postrider-Trigger') === 'resend');
  const ids = resent.map((request) => request.header('X-Postrider-Delivery-Id'));
  expect(new Set(ids).size).toBe(total);
  // Twice at most what was under way at the kill.
  expect(ids.length - total).toBeLessThanOrEqual(ratePerSecond);
  const { Total: left } = await customer.call<{ Total: number }>(
    'POST',
    '/replays',
    { ...wanted, DryRun: true },
    200,
  );
  expect(left).toBe(0);
});

test('a cancelled replay stops', async () => {
  receiver.clear();
  const wanted = { From: 0, To: Date.now() + 60_000, RatePerSecond: 10 };
  const replay = await customer.call<Replay>('POST', '/replays', wanted, 202);
  await receiver.waitForRequests(5, { timeoutMs: 30_000 });
  await customer.call('DELETE', `/replays/${replay.Id}`, undefined, 204);
  const cancelled = await readReplay(replay.Id);
  expect(cancelled.State).toBe('Cancelled');
  const row = await system.waitFor(
    'it to be quiet',
    async () => {
      const [found] = await system.database.query<{ finished_at: number | null }>(
        'SELECT finished_at FROM replays WHERE id = $1',
        [replay.Id],
      );
      return found?.finished_at == null ? null : found;
    },
    { timeoutMs: 30_000 },
  );
  expect(row.finished_at).not.toBeNull();
  const ended = await readReplay(replay.Id);
  expect(ended).toMatchObject({ State: 'Cancelled', Succeeded: ended.Done, Failed: 0 });
  expect(ended.Done).toBe(receiver.requests.length);
  expect(ended.Done).toBeLessThan(ended.Total);
});
