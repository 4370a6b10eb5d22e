// SIGTERM under load: two of each service, each in turn drained and started again, as a rolling upgrade does. Nobody who
// keeps to the readiness sees anything of it.
import type { ServiceName } from '@postrider/test-kit';
import { lossProblems, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';
import { serviceNames } from '../measure.js';

const drainLimitMs = 25_000;
/** Receivers that answer: whoever hangs or resets gets what was under way twice, by right. */
const answering = Array.from({ length: 5 }, () => ['healthy', 'slow'] as const);

export async function rolling(options: ChaosOptions): Promise<Outcome> {
  const drains: number[] = [];
  const instances: Partial<Record<ServiceName, number>> = Object.fromEntries(
    serviceNames.map((name) => [name, 2]),
  );
  const load = { system: { instances }, population: answering };
  const { report } = await underLoad(options, load, async ({ world }) => {
    for (const name of serviceNames) {
      // The publisher talks to the first of event-ingest: it is drained as the others are, and tried again meanwhile.
      for (const instance of [1, 0]) {
        const service = world.system.service(name, instance);
        const startedMs = performance.now();
        await service.kill('SIGTERM');
        drains.push(Math.round(performance.now() - startedMs));
        await service.start();
        options.say(`${name} ${instance} drained in ${drains.at(-1)} ms`);
      }
    }
  });
  const problems = lossProblems(report);
  const longestDrainMs = Math.max(...drains);
  if (report.duplicates > 0) problems.push(`${report.duplicates} received twice`);
  if (longestDrainMs > drainLimitMs) problems.push(`a drain took ${longestDrainMs} ms`);
  return { problems, figures: { ...report, drains: drains.length, longestDrainMs } };
}
