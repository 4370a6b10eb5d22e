// Every receiver that misbehaves, for a while, beside healthy ones: each kind of failure has its code, and nothing of it
// is left in the dispatcher.
import { waitFor } from '@postrider/test-kit';
import { footprint } from '../measure.js';
import { misbehaviours, misbehavingKinds } from '../misbehaviours.js';
import { lossProblems, pause, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';
import type { Population, World } from '../world.js';

const population: Population = [
  ...misbehavingKinds.map((kind) => [kind, 'healthy'] as const),
  ['hanging', 'resetting'],
];
/** Connections that are kept for the next request are closed after 35 s. */
const closedWithinMs = 60_000;
const spareSockets = 20;
const allowedGrowthMB = 60;

/** Codes on record by the webhook's kind; null: received. */
async function codesByKind({ system, zoo }: World): Promise<Map<string, (string | null)[]>> {
  const rows = await system.database.query<{ webhook_id: string; codes: (string | null)[] }>(
    `SELECT d.webhook_id, array_agg(DISTINCT a.error_code) AS codes FROM attempts a
     JOIN deliveries d ON d.organization_id = a.organization_id AND d.id = a.delivery_id GROUP BY d.webhook_id`,
  );
  return new Map(rows.map((row) => [zoo.webhooks.get(row.webhook_id)?.kind ?? '', row.codes]));
}

export async function misbehavingReceivers(options: ChaosOptions): Promise<Outcome> {
  const problems: string[] = [];
  const rss: number[] = [];
  let before = { rssMB: 0, sockets: 0 };
  let socketsAfter = 0;
  const { report } = await underLoad(options, { population }, async ({ world, publisher }) => {
    const look = () => footprint(world.system, 'dispatcher');
    before = look();
    const endAt = performance.now() + options.seconds * 1000;
    while (performance.now() < endAt) {
      await pause(1_000);
      rss.push(look().rssMB);
    }
    await publisher.stop();
    const codes = await codesByKind(world);
    for (const kind of misbehavingKinds) {
      const { code } = misbehaviours[kind];
      if (codes.get(kind)?.includes(code) !== true)
        problems.push(
          `${kind}: ${JSON.stringify(codes.get(kind) ?? 'no attempt')} and no ${code ?? 'receipt'}`,
        );
    }
    world.zoo.heal();
    const isQuiet = (): boolean => (socketsAfter = look().sockets) <= before.sockets + spareSockets;
    await waitFor('closed sockets', isQuiet, { timeoutMs: closedWithinMs, intervalMs: 500 }).catch(() =>
      problems.push(`${socketsAfter} sockets are left of ${before.sockets}`),
    );
  });
  // From the beginning: what is compiled and cached meanwhile counts as growth.
  const third = Math.ceil(rss.length / 3);
  const earlyMB = Math.max(...rss.slice(0, third));
  const lateMB = Math.max(...rss.slice(-third));
  if (lateMB > earlyMB + allowedGrowthMB) problems.push(`memory went from ${earlyMB} to ${lateMB} MB`);
  return {
    problems: [...problems, ...lossProblems(report)],
    figures: {
      ...report,
      socketsBefore: before.sockets,
      socketsAfter,
      rssFirstThirdMB: earlyMB,
      rssLastThirdMB: lateMB,
    },
  };
}
