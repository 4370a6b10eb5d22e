// The judgement: each accepted event has, for each webhook that wants it, at least one verified receipt, or one terminal
// row that says why not. Joined by id; counts are never compared.
import type { Accepted, Publisher } from './publisher.js';
import type { Fault, Playground, World } from './world.js';
import type { Zoo } from './zoo.js';

export interface Report {
  readonly accepted: number;
  /** (event, webhook) pairs that are due a receipt or a reason. */
  readonly expected: number;
  /** Pairs with a verified receipt. */
  readonly verified: number;
  /** Pairs without, whose delivery ended with a reason. */
  readonly ended: number;
  readonly lost: number;
  /** Receipts beyond the first of a pair. */
  readonly duplicates: number;
  /** Attempts at healthy webhooks that failed all the same, by code: on a busy machine the bench's receivers are late. */
  readonly healthyFailures: string;
  readonly unverified: number;
  /** Longest time from acceptance to the first receipt at a healthy webhook, in ms. */
  readonly longestMs: number;
  /**
   * The same, counted from when the last fault before the receipt was over, where that was later; a fault's own time is left
   * out. Pairs with an attempt that failed do not count: what they wait for is their schedule.
   */
  readonly longestAfterFaultMs: number;
}

interface Pair {
  readonly eventId: string;
  readonly webhookId: string;
}

const pairsPerQuery = 5_000;
/** More are left to come in first: PostgreSQL has better things to do. */
const maxAsked = 50_000;
const lookMs = 1_000;

const nameOf = ({ eventId, webhookId }: Pair): string => `${eventId} ${webhookId}`;

export function missing(zoo: Zoo, accepted: ReadonlyMap<string, Accepted>): Pair[] {
  const pairs: Pair[] = [];
  for (const [eventId, { customer }] of accepted) {
    for (const webhookId of customer.webhookIds)
      if (zoo.webhooks.get(webhookId)?.receipts.byEvent.has(eventId) !== true)
        pairs.push({ eventId, webhookId });
  }
  return pairs;
}

/** Of pairs without a receipt, those that have no terminal row with a reason either. */
async function withoutReason(database: Playground['database'], pairs: readonly Pair[]): Promise<Pair[]> {
  const left: Pair[] = [];
  for (let from = 0; from < pairs.length; from += pairsPerQuery) {
    const some = pairs.slice(from, from + pairsPerQuery);
    const rows = await database.query<{ event_id: string; webhook_id: string }>(
      `SELECT d.event_id, d.webhook_id FROM deliveries d
       JOIN unnest($1::text[], $2::uuid[]) AS p(event_id, webhook_id) USING (event_id, webhook_id)
       WHERE d.status = 'Cancelled' OR (d.status = 'Failed' AND d.last_error_code IS NOT NULL
         AND EXISTS (SELECT FROM attempts a WHERE a.delivery_id = d.id))`,
      [some.map(({ eventId }) => eventId), some.map(({ webhookId }) => webhookId)],
    );
    const ended = new Set(rows.map((row) => `${row.event_id} ${row.webhook_id}`));
    left.push(...some.filter(({ eventId, webhookId }) => !ended.has(`${eventId} ${webhookId}`)));
  }
  return left;
}

/** Waits until nothing is missing any more, `limitMs` at most, and reports. */
export async function judge(
  world: World<Playground>,
  publisher: Publisher,
  limitMs: number,
): Promise<Report> {
  const { zoo, system } = world;
  const deadline = performance.now() + limitMs;
  /** Pairs that have ended with a reason stay so: PostgreSQL is asked for them once. */
  const ended = new Set<string>();
  for (;;) {
    const isEnd = performance.now() > deadline;
    const unreceived = missing(zoo, publisher.accepted);
    let open = unreceived.filter((pair) => !ended.has(nameOf(pair)));
    if (open.length > 0 && (isEnd || open.length <= maxAsked)) {
      const left = await withoutReason(system.database, open);
      const names = new Set(left.map(nameOf));
      for (const pair of open) if (!names.has(nameOf(pair))) ended.add(nameOf(pair));
      open = left;
    }
    if (open.length === 0 || isEnd) return report(world, publisher, unreceived.length, open);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

interface Failures {
  readonly byCode: ReadonlyMap<string, number>;
  /** Names of the pairs that had one. */
  readonly pairs: ReadonlySet<string>;
}

async function failuresOf(
  database: Playground['database'],
  webhookIds: readonly string[],
): Promise<Failures> {
  const rows = await database.query<{ event_id: string; webhook_id: string; code: string }>(
    `SELECT d.event_id, d.webhook_id, a.error_code AS code FROM attempts a
     JOIN deliveries d ON d.organization_id = a.organization_id AND d.id = a.delivery_id
     WHERE d.webhook_id = ANY($1::uuid[]) AND a.error_code IS NOT NULL`,
    [webhookIds],
  );
  const byCode = new Map<string, number>();
  for (const { code } of rows) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  const pairs = rows.map((row) => nameOf({ eventId: row.event_id, webhookId: row.webhook_id }));
  return { byCode, pairs: new Set(pairs) };
}

/**
 * How long a delivery waited since the last fault was over; of a receipt that came during a fault, how long it had waited
 * since the one before when that fault began.
 */
export function afterFaultMs(faults: readonly Fault[], acceptedAt: number, receivedAt: number): number {
  const current = faults.find(({ beganAt, overAt }) => beganAt <= receivedAt && receivedAt < overAt);
  const untilMs = current?.beganAt ?? receivedAt;
  const healedAt = faults.findLast(({ overAt }) => overAt <= receivedAt)?.overAt ?? 0;
  return Math.max(0, untilMs - Math.max(acceptedAt, healedAt));
}

async function report(
  world: World<Playground>,
  publisher: Publisher,
  open: number,
  left: readonly Pair[],
): Promise<Report> {
  const entries = [...world.zoo.webhooks.values()];
  const healthyIds = [...world.zoo.webhooks].flatMap(([id, { kind }]) => (kind === 'healthy' ? [id] : []));
  const failures = await failuresOf(world.system.database, healthyIds);
  let expected = 0;
  let longestMs = 0;
  let longestAfterFaultMs = 0;
  for (const [eventId, { customer, at }] of publisher.accepted) {
    expected += customer.webhookIds.length;
    for (const webhookId of customer.webhookIds) {
      const entry = world.zoo.webhooks.get(webhookId);
      const firstAt = entry?.kind === 'healthy' ? entry.receipts.firstAt.get(eventId) : undefined;
      if (firstAt === undefined) continue;
      longestMs = Math.max(longestMs, firstAt - at);
      if (!failures.pairs.has(nameOf({ eventId, webhookId })))
        longestAfterFaultMs = Math.max(longestAfterFaultMs, afterFaultMs(world.faults, at, firstAt));
    }
  }
  const receipts = entries.flatMap((entry) => [...entry.receipts.byEvent.values()]);
  return {
    accepted: publisher.accepted.size,
    expected,
    verified: expected - open,
    ended: open - left.length,
    lost: left.length,
    healthyFailures: [...failures.byCode].map(([code, n]) => `${code}: ${n}`).join(', '),
    duplicates: receipts.reduce((sum, count) => sum + count - 1, 0),
    unverified: entries.reduce((sum, { receipts: { unverified } }) => sum + unverified, 0),
    longestMs,
    longestAfterFaultMs,
  };
}
