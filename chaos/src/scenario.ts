// What a scenario is: a world, load, a fault, and the judgement of the oracle.
import type { SystemOptions } from '@postrider/test-kit';
import { explainFailures } from './failed-attempts.js';
import { sayFootprints } from './measure.js';
import { judge, type Report } from './oracle.js';
import { Publisher } from './publisher.js';
import { explainSlow } from './slow-deliveries.js';
import { mixed, timeoutSeconds, World, type Population } from './world.js';

export interface ChaosOptions {
  readonly seed: number;
  /** How long load and faults last. */
  readonly seconds: number;
  /** Events per second. */
  readonly rate: number;
  readonly killEverySeconds: number;
  /** How long what is taken away stays away. */
  readonly outageSeconds: number;
  readonly say: (text: string) => void;
}

export interface Outcome {
  /** Empty: passed. */
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

export type Scenario = (options: ChaosOptions) => Promise<Outcome>;

export interface LoadOptions {
  readonly system?: SystemOptions;
  readonly population?: Population;
  readonly settings?: Record<string, unknown>;
  /** How often each event is published, default once. */
  readonly timesPublished?: number;
  /** After load and faults: how long what is left may take. */
  readonly drainSeconds?: number;
}

export interface Load {
  readonly world: World;
  readonly publisher: Publisher;
}

const progressMs = 10_000;
const worthTellingMs = 5_000;
/** Beyond as long as the load lasted: what has gathered behind whoever hung comes in after it. */
const drainSeconds = 120;

/** Load, and `fault` while it lasts; afterwards the receivers get well, and everything must come in. */
export async function underLoad(
  options: ChaosOptions,
  load: LoadOptions,
  fault: (load: Load) => Promise<void>,
): Promise<{ readonly report: Report; readonly publisher: Publisher }> {
  const world = await World.open(options.seed, load.system);
  const progress: NodeJS.Timeout[] = [];
  try {
    await world.populate(load.population ?? mixed, load.settings);
    options.say(`before: ${sayFootprints(world.system)}`);
    const publisher = new Publisher(world, options.rate, { times: load.timesPublished ?? 1 });
    const startedMs = performance.now();
    progress.push(
      setInterval(() => {
        const seconds = Math.round((performance.now() - startedMs) / 1000);
        options.say(`${seconds} s: ${publisher.accepted.size} accepted, ${world.zoo.received} received`);
      }, progressMs),
    );
    publisher.start();
    await fault({ world, publisher });
    await publisher.stop();
    world.zoo.heal();
    const report = await judge(
      world,
      publisher,
      (load.drainSeconds ?? drainSeconds + options.seconds) * 1000,
    );
    options.say(`after: ${sayFootprints(world.system)}`);
    if (report.lost > 0) options.say(world.system.logs(15));
    for (const line of [
      ...(await explainFailures(world)),
      ...(await explainSlow(world, publisher, { slowMs: worthTellingMs })),
    ])
      options.say(line);
    return { report, publisher };
  } finally {
    for (const timer of progress) clearInterval(timer);
    await world.close();
  }
}

/** One lease (the timeout and 10 s) and 5 s. */
const againLimitMs = (timeoutSeconds + 10 + 5) * 1000;

/** What must hold after processes have died or have been away: it goes on within a lease and 5 s. */
export function delayProblems({ longestAfterFaultMs }: Report): string[] {
  if (longestAfterFaultMs <= againLimitMs) return [];
  return [`delivered ${longestAfterFaultMs} ms after the fault: more than ${againLimitMs} ms`];
}

/** What publishers must be told while something is away: 503 with Retry-After, and nothing else. */
export function refusalProblems({ refusedOtherwise }: Publisher): string[] {
  return refusedOtherwise.size === 0
    ? []
    : [`HTTP answered ${[...refusedOtherwise].map(([what, count]) => `${what} (${count})`).join(', ')}`];
}

/** What must hold whatever the fault. */
export function lossProblems(report: Report): string[] {
  const problems: string[] = [];
  if (report.accepted === 0) problems.push('nothing was accepted');
  if (report.lost > 0) problems.push(`${report.lost} of ${report.expected} lost`);
  if (report.unverified > 0) problems.push(`${report.unverified} received that do not verify`);
  return problems;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
