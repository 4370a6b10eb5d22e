// What has gathered while nobody was there: a million pending deliveries at boot, and 50,000 for one receiver that comes
// back while new events go on.
import { sendRequest } from '@postrider/test-kit';
import { footprint } from '../measure.js';
import { judge } from '../oracle.js';
import { Publisher } from '../publisher.js';
import { lossProblems, pause, type ChaosOptions, type Outcome } from '../scenario.js';
import { World, type Customer } from '../world.js';

const million = 1_000_000;
const herd = 50_000;
const rowsPerInsert = 50_000;
const claimLimitMs = 100;
const rssLimitMB = 300;
const newEventLimitMs = 5_000;
/** Of what is published while nobody knows yet that the receiver is back: until a probe, and as long as parking spreads. */
const unnoticedLimitMs = 20_000;

/** Deliveries that are due now, so many per event. */
async function gather(
  world: World,
  { organizationId, webhookIds }: Customer,
  count: number,
  deliveriesPerEvent: number,
): Promise<void> {
  const [webhookId] = webhookIds;
  for (let left = count; left > 0; left -= rowsPerInsert) {
    await world.system.database.query(
      `WITH e AS (
         INSERT INTO events (uid, organization_id, id, topic, source, times_given, deliveries, text)
         SELECT u.uid, $1, u.uid::text, 'job.execution.failed', 'http', 0, $4, '{"Id":"' || u.uid || '","Data":{}}'
         FROM (SELECT uuidv7() AS uid FROM generate_series(1, $3::int / $4::int)) AS u RETURNING uid, id
       )
       INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, due_at, updated_at, status, trigger, event_id, topic)
       SELECT uuidv7(), $1, $2, uid, now_ms(), now_ms(), 'Pending', 'event', id, 'job.execution.failed'
       FROM e, generate_series(1, $4::int)`,
      [organizationId, webhookId, Math.min(left, rowsPerInsert), deliveriesPerEvent],
    );
  }
}

/** The upper end of the histogram's bucket in which a quantile of the claims lies, in ms. */
async function claimMs(world: World, share: number): Promise<number> {
  const { text } = await sendRequest('GET', `${world.system.service('dispatcher').url}/metrics`);
  const buckets = [...text.matchAll(/^postrider_claim_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm)];
  const total = Number(buckets.at(-1)?.[2] ?? 0);
  const bucket = buckets.find(([, , count]) => Number(count) >= total * share);
  return bucket?.[1] === '+Inf' ? Infinity : Number(bucket?.[1] ?? Infinity) * 1000;
}

/** A million due deliveries of 20 webhooks when the dispatcher starts. */
export async function millionPending(options: ChaosOptions): Promise<Outcome> {
  const world = await World.open(options.seed, { ownPostgres: true });
  try {
    await world.populate(Array.from({ length: 20 }, () => ['healthy']));
    const dispatcher = world.system.service('dispatcher');
    await dispatcher.stop();
    for (const [index, customer] of world.customers.entries()) {
      await gather(world, customer, million / world.customers.length, 100);
      options.say(`${(index + 1) * 50_000} gathered`);
    }
    await dispatcher.start();
    let rssMB = 0;
    const endAt = performance.now() + options.seconds * 1000;
    while (performance.now() < endAt) {
      await pause(1_000);
      rssMB = Math.max(rssMB, footprint(world.system, 'dispatcher').rssMB);
    }
    const claimP99Ms = await claimMs(world, 0.99);
    const problems: string[] = [];
    if (world.zoo.received === 0) problems.push('nothing was delivered');
    if (claimP99Ms > claimLimitMs) problems.push(`p99 of the claims: ${claimP99Ms} ms`);
    if (rssMB > rssLimitMB) problems.push(`the dispatcher took ${rssMB} MB`);
    return { problems, figures: { claimP99AtMostMs: claimP99Ms, dispatcherRssMB: rssMB } };
  } finally {
    await world.close();
  }
}

/** A receiver that was away is back, with 50,000 waiting: what is new is not behind all of them. */
export async function herdAfterOutage(options: ChaosOptions): Promise<Outcome> {
  const world = await World.open(options.seed);
  try {
    await world.populate([['hanging'], ['healthy']], { TimeoutSeconds: 1, RetrySchedule: [5, 300, 1_800] });
    const [back] = world.customers;
    if (back === undefined) throw new Error('there is no customer');
    await gather(world, back, herd, 1);
    options.say(`${herd} wait for a receiver that hangs`);
    await pause(options.outageSeconds * 1000);
    world.zoo.heal();
    const publisher = new Publisher(world, options.rate);
    publisher.start();
    await pause(options.seconds * 1000);
    await publisher.stop();
    const report = await judge(world, publisher, 60_000);
    const [webhookId = ''] = back.webhookIds;
    const receipts = world.zoo.webhooks.get(webhookId)?.receipts;
    const noticedAt = Math.min(...(receipts?.firstAt.values() ?? []));
    const waits = (isNoticed: boolean): number[] =>
      [...publisher.accepted]
        .filter(([, { customer, at }]) => customer === back && at >= noticedAt === isNoticed)
        .map(([eventId, { at }]) => (receipts?.firstAt.get(eventId) ?? Infinity) - at)
        .sort((a, b) => a - b);
    const unnoticedMs = waits(false).at(-1) ?? 0;
    const after = waits(true);
    const p99 = after[Math.floor(after.length * 0.99)] ?? Infinity;
    const p50 = after[Math.floor(after.length * 0.5)] ?? Infinity;
    const [{ n: left = 0 } = {}] = await world.system.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM deliveries WHERE status = 'Pending'`,
    );
    const problems = lossProblems(report);
    if (unnoticedMs > unnoticedLimitMs)
      problems.push(`an event published before its return was known waited ${unnoticedMs} ms`);
    if (p99 > newEventLimitMs) problems.push(`new events waited ${p99} ms at p99`);
    return {
      problems,
      figures: {
        ...report,
        longestUnnoticedMs: unnoticedMs,
        newEventsP50Ms: p50,
        newEventsP99Ms: p99,
        leftOfTheHerd: left,
      },
    };
  } finally {
    await world.close();
  }
}
