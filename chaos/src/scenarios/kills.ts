// kill -9 of services at random, under load.
import type { ServiceName } from '@postrider/test-kit';
import {
  delayProblems,
  lossProblems,
  pause,
  underLoad,
  type ChaosOptions,
  type Outcome,
} from '../scenario.js';

/** Those that carry deliveries die more often. */
const victims = [
  'dispatcher',
  'event-ingest',
  'dispatcher',
  'event-ingest',
  'signer',
  'config-api',
] as const satisfies [ServiceName, ...ServiceName[]];

const dispatchers = 2;

export async function kills(options: ChaosOptions): Promise<Outcome> {
  const killed: Record<string, number> = {};
  const { report } = await underLoad(
    options,
    { system: { instances: { dispatcher: dispatchers } } },
    async ({ world }) => {
      const endAt = performance.now() + options.seconds * 1000;
      for (;;) {
        // Up to the whole interval at random, so that kills meet every phase of the work.
        const waitMs = options.killEverySeconds * 1000 * (0.5 + world.chance.next());
        if (performance.now() + waitMs >= endAt) break;
        await pause(waitMs);
        const victim = world.chance.pick(victims);
        const instance = victim === 'dispatcher' ? world.chance.below(dispatchers) : 0;
        const service = world.system.service(victim, instance);
        world.faultBegins();
        await service.kill('SIGKILL');
        await service.restart();
        world.faultIsOver();
        killed[victim] = (killed[victim] ?? 0) + 1;
        options.say(`killed ${victim}`);
      }
      await pause(Math.max(0, endAt - performance.now()));
    },
  );
  const kills = Object.values(killed).reduce((sum, count) => sum + count, 0);
  return {
    problems:
      kills === 0 ? ['nothing was killed: take longer'] : [...lossProblems(report), ...delayProblems(report)],
    figures: { ...report, kills, killed: JSON.stringify(killed) },
  };
}
