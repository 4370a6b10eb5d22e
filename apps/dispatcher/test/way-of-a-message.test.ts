// Messages to people, by two dispatchers as processes: at a turn a second, what piles up in one, and nothing lost with any
// of them.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startSlack, waitFor, type Receiver } from '@postrider/test-kit';
import { DispatchSystem, type SystemWebhook } from './dispatch-system.js';
import type { InsertedDelivery } from './rows.js';

let system: DispatchSystem;
let slack: Receiver;
let webhook: SystemWebhook;
/** When each request came, epoch ms. */
let times: number[];

beforeAll(async () => {
  system = await DispatchSystem.start({ dispatchers: 2 });
}, 120_000);
afterAll(() => system.stop());
beforeEach(async () => {
  slack = await startSlack();
  times = [];
  webhook = await system.addWebhook({ type: 'slack', url: `${slack.url}/services/x`, retrySchedule: [1] });
});
afterEach(() => slack.stop());

interface AttemptRow {
  readonly delivery_id: string;
  readonly number: number;
  readonly status_code: number | null;
  readonly error_code: string | null;
  readonly request: string;
}
const attempts = () =>
  system.database.query<AttemptRow>(
    `SELECT a.* FROM attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.webhook_id = $1 ORDER BY a.id`,
    [webhook.id],
  );
const bodyOf = ({ request }: AttemptRow): string => (JSON.parse(request) as { Body: string }).Body;

/** Deliveries of events that can be told; due at once where the lane does not bring them. */
async function accept(count: number, isDue = false): Promise<InsertedDelivery[]> {
  const deliveries = await system.accept(webhook, count);
  await system.database.query(
    `UPDATE events SET text = '{"Id":"' || id || '","Topic":"' || topic ||
       '","CreatedAt":1769860800000,"Resource":null,"PreviousData":null,"Data":{"JobId":"j"}}'
     WHERE id = ANY($1)`,
    [deliveries.map(({ event_id }) => event_id)],
  );
  if (isDue) {
    const text = 'UPDATE deliveries SET due_at = now_ms() WHERE webhook_id = $1';
    await system.database.query(text, [webhook.id]);
  }
  return deliveries;
}

test('two go one after the other, a second apart', async () => {
  slack.respond(() => {
    times.push(Date.now());
    return { status: 200, body: 'ok' };
  });
  await system.handOn(webhook, await accept(2));
  await system.waitForStatuses(webhook, { Succeeded: 2 }, 60_000);
  expect(slack.requests).toHaveLength(2);
  // By the database's clock; what the network adds may only be more for the first.
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
  expect((await attempts()).map(bodyOf)).toEqual(slack.requests.map(({ text }) => text));
});

test('many become one message: it says so, and each delivery has its record', async () => {
  await system.handOn(webhook, await accept(200));
  await system.waitForStatuses(webhook, { Succeeded: 200 }, 150_000);
  const texts = slack.requests.map(({ text }) => text);
  // One that came alone may have gone before, and what a dispatcher was late to hand back follows by itself.
  expect(texts.length).toBeLessThan(6);
  const told = texts.map((text) => Number(/(\d+) events within \d/.exec(text)?.[1] ?? 1));
  expect(told.reduce((sum, events) => sum + events, 0)).toBe(200);
  const rows = await attempts();
  expect(new Set(rows.map((row) => row.delivery_id)).size).toBe(200);
  expect(rows).toHaveLength(200);
  expect(new Set(rows.map(bodyOf))).toEqual(new Set(texts));
}, 180_000);

test('a digest whose dispatcher is killed goes out again by its lease', async () => {
  webhook = await system.addWebhook({ type: 'slack', url: `${slack.url}/services/y`, timeoutSeconds: 10 });
  slack.respond({ instead: 'hang' });
  await accept(30, true);
  await slack.waitForRequests(1, { timeoutMs: 60_000 });
  await Promise.all(system.dispatchers.map((dispatcher) => dispatcher.kill('SIGKILL')));
  expect(slack.requests[0]?.text).toMatch(/30 events within/);
  expect(await attempts()).toEqual([]);
  slack.respond({ status: 200, body: 'ok' });
  await Promise.all(system.dispatchers.map((dispatcher) => dispatcher.restart()));
  await system.waitForStatuses(webhook, { Succeeded: 30 }, 120_000);
  expect(slack.requests.map(({ text }) => /30 events within/.test(text))).toEqual([true, true]);
}, 240_000);

test('429: the whole webhook is quiet as long as asked, then the digest is tried again, as one failure', async () => {
  slack.respond({ status: 429, headers: { 'Retry-After': '3' } });
  await accept(12, true);
  await slack.waitForRequests(1, { timeoutMs: 60_000 });
  const refusedAt = Date.now();
  slack.respond(() => {
    times.push(Date.now());
    return { status: 200, body: 'ok' };
  });
  // Not all twelve need be in the first message: a dispatcher that has not heard of the webhook yet may have claimed some.
  const isRefused = ({ status_code }: AttemptRow) => status_code === 429;
  await waitFor('the attempts', async () => (await attempts()).some(isRefused), { timeoutMs: 60_000 });
  const [health] = await system.database.query<{ consecutive_failures: number; is_failing: boolean }>(
    'SELECT consecutive_failures, is_failing FROM webhook_health WHERE webhook_id = $1',
    [webhook.id],
  );
  expect(health).toEqual({ consecutive_failures: 1, is_failing: false });
  await system.waitForStatuses(webhook, { Succeeded: 12 }, 60_000);
  expect((times[0] ?? 0) - refusedAt).toBeGreaterThan(2_500);
  expect(slack.requests.at(-1)?.text).toMatch(/12 events within/);
}, 180_000);

test('a webhook that Slack does not know any more is disabled, and all of the digest has failed', async () => {
  slack.respond({ status: 404, body: 'no_service' });
  await accept(5, true);
  await system.waitForStatuses(webhook, { Failed: 5 }, 60_000);
  const [row] = await system.database.query<object>(
    'SELECT state, disabled_reason FROM webhooks WHERE id = $1',
    [webhook.id],
  );
  expect(row).toEqual({ state: 'disabled', disabled_reason: 'gone' });
}, 120_000);
