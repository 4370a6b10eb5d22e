// `npm start`, and a stranger who kills by local.json what stands there, NATS and PostgreSQL too, at random moments under
// load: each is back within seconds, local.json says so, and nothing is lost.
import { waitFor } from '@postrider/test-kit';
import { LocalStart } from '../local-start.js';
import { judge } from '../oracle.js';
import { Publisher } from '../publisher.js';
import { delayProblems, lossProblems, pause, type ChaosOptions, type Outcome } from '../scenario.js';
import { mixed, World } from '../world.js';

const parts = ['ConfigApi', 'EventIngest', 'Dispatcher', 'Signer', 'Nats', 'Postgres'] as const;
type Part = (typeof parts)[number];
/** Until another process stands in local.json. */
const restartLimitMs = 10_000;
/** Until everything is ready again: PostgreSQL replays what it had not yet written. */
const readyLimitMs = 30_000;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export async function startKilled(options: ChaosOptions): Promise<Outcome> {
  const system = await LocalStart.start();
  const world = await World.of(system, options.seed);
  const problems: string[] = [];
  const restartMs: Record<string, number[]> = {};

  /** The process that stands for a part now; waits where it is just being started. */
  const pidOf = (part: Part, before = 0): Promise<number> =>
    waitFor(
      `a running ${part} in local.json`,
      () => system.local.Pids[part]?.find((pid) => pid !== before && isAlive(pid)),
      { timeoutMs: restartLimitMs },
    );

  const killOne = async (part: Part): Promise<void> => {
    const pid = await pidOf(part);
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await pidOf(part, pid);
    const tookMs = Math.round(performance.now() - killedAt);
    (restartMs[part] ??= []).push(tookMs);
    options.say(`killed ${part} (${pid}): another after ${tookMs} ms`);
  };

  try {
    await world.populate(mixed);
    const before = system.local;
    const publisher = new Publisher(world, options.rate);
    publisher.start();
    const endAt = performance.now() + options.seconds * 1000;
    for (let round = 0; ; round += 1) {
      const waitMs = options.killEverySeconds * 1000 * (0.5 + world.chance.next());
      if (performance.now() + waitMs >= endAt) break;
      await pause(waitMs);
      // Each part comes up, and between them two at once.
      const first = parts[round % parts.length] ?? 'Dispatcher';
      const victims = round % 3 === 2 ? [first, world.chance.pick(parts)] : [first];
      world.faultBegins();
      await Promise.all([...new Set(victims)].map(killOne));
      world.faultIsOver();
    }
    await pause(Math.max(0, endAt - performance.now()));
    await publisher.stop();
    const readyFrom = performance.now();
    for (const part of parts)
      await waitFor(`${part} to be ready`, () => system.isReady(part), { timeoutMs: readyLimitMs });
    options.say(`all ready ${Math.round(performance.now() - readyFrom)} ms after the load`);
    world.zoo.heal();
    const report = await judge(world, publisher, 120_000);
    if (report.lost > 0) options.say(system.logs());
    for (const part of parts) await pidOf(part);
    const { Pids: _old, ...told } = before;
    const { Pids: _new, ...now } = system.local;
    if (JSON.stringify(told) !== JSON.stringify(now)) problems.push('local.json tells other addresses');
    if (!system.isRunning) problems.push('npm start itself has ended');
    const kills = Object.values(restartMs).flat();
    if (kills.length === 0) problems.push('nothing was killed: take longer');
    return {
      problems: [...problems, ...lossProblems(report), ...delayProblems(report)],
      figures: {
        ...report,
        kills: kills.length,
        longestRestartMs: Math.max(...kills),
        restartMs: JSON.stringify(restartMs),
        httpRefusals: [...publisher.statuses].map(([status, count]) => `${status}: ${count}`).join(', '),
      },
    };
  } catch (error) {
    options.say(system.logs());
    throw error;
  } finally {
    await world.close();
  }
}
