// A million deliveries are due when the dispatcher starts: how long a claim takes, and what the services take of memory.
import { sendRequest } from '@postrider/test-kit';
import type { Bench, Findings } from '../bench.js';
import type { ReceiverReport } from '../order.js';
import type { Postrider } from '../postrider.js';
import { quantileOfBuckets } from '../statistics.js';

const webhooks = 20;
const rowsPerInsert = 100_000;
const deliveriesPerEvent = 100;
const secondMs = 1_000;
const firstWithinMs = 60_000;

export async function millionPending(bench: Bench): Promise<Findings> {
  try {
    return await measureClaims(bench);
  } finally {
    // What is left of the million would go on coming to the receiver that all share.
    await bench.dropPostrider();
  }
}

async function measureClaims(bench: Bench): Promise<Findings> {
  const { pending, pendingSeconds } = bench.sizes;
  const postrider = await bench.postrider();
  const dispatcher = postrider.system.service('dispatcher');
  const urls = Array.from({ length: webhooks }, (_, n) => [bench.url(`pending/${n}`)]);
  const population = await postrider.populate(urls);
  await dispatcher.stop();
  await addPending(postrider, population.webhookIds, pending, (count) =>
    bench.say.progress(`${count} of ${pending} pending`),
  );
  await bench.receiver.ask('reset');
  await dispatcher.start();
  await postrider.system.waitFor(
    'the first of what is pending',
    async () => (await bench.receiver.ask<number>('count')) > 0,
    { timeoutMs: firstWithinMs },
  );
  const rssMB: Record<string, number> = {};
  for (let second = 0; second < pendingSeconds; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, secondMs));
    for (const [name, mb] of Object.entries(postrider.rssMB())) rssMB[name] = Math.max(rssMB[name] ?? 0, mb);
  }
  const { received } = await bench.receiver.ask<ReceiverReport>('report');
  const claims = await readClaims(dispatcher.url);
  const claimP99Ms = quantileOfBuckets(claims, 0.99) * 1000;
  const shown = Object.entries(rssMB).map(([name, mb]) => `${name} ${mb.toFixed(0)}`);
  bench.say.line(
    `  claim p99 ${claimP99Ms.toFixed(1)} ms (${claims.at(-1)?.count ?? 0} claims), RSS MB: ${shown.join(', ')}; ` +
      `${(received / pendingSeconds).toFixed(0)} deliveries/s`,
  );
  return {
    measures: { claim: claimP99Ms, rss: Math.max(...Object.values(rssMB)) },
    details: { Pending: pending, ClaimBuckets: claims, RssMB: rssMB, Received: received },
  };
}

/** Deliveries that are due now, a hundred per event, spread over the webhooks. */
export async function addPending(
  { system }: Postrider,
  webhookIds: readonly string[],
  count: number,
  onProgress: (count: number) => void,
  dueInMs = 0,
): Promise<void> {
  for (let done = 0; done < count; done += rowsPerInsert) {
    await system.database.query(
      `WITH w AS (
         SELECT id, organization_id, row_number() OVER (ORDER BY id) - 1 AS n FROM webhooks WHERE id = ANY($1::uuid[])
       ),
       e AS (
         INSERT INTO events (uid, organization_id, id, topic, source, times_given, deliveries, text)
         SELECT u.uid, w.organization_id, u.uid::text, 'job.execution.failed', 'http', 0, $3,
           '{"Id":"' || u.uid || '","Data":{"SentAtUs":0}}'
         FROM (SELECT uuidv7() AS uid, n FROM generate_series(1, $2::int / $3::int) AS n) AS u
         JOIN w ON w.n = u.n % (SELECT count(*) FROM w) RETURNING uid, organization_id, id
       )
       INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, due_at, updated_at, status, trigger, event_id, topic)
       SELECT uuidv7(), e.organization_id, w.id, e.uid, now_ms() + $4, now_ms(), 'Pending', 'event', e.id, 'job.execution.failed'
       FROM e JOIN w ON w.organization_id = e.organization_id, generate_series(1, $3::int)`,
      [webhookIds, Math.min(rowsPerInsert, count - done), deliveriesPerEvent, dueInMs],
    );
    onProgress(done + rowsPerInsert);
  }
  await system.database.query('ANALYZE deliveries');
}

/** The histogram of the claims, in seconds. */
async function readClaims(url: string): Promise<{ upTo: number; count: number }[]> {
  const { text } = await sendRequest('GET', `${url}/metrics`);
  const lines = text.matchAll(/^postrider_claim_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm);
  return [...lines].map(([, end, count]) => ({
    upTo: end === '+Inf' ? Infinity : Number(end),
    count: Number(count),
  }));
}
