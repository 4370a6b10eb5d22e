// A little of everything that kills, in one system and in half a minute: part of `npm test`. Which fail points it meets
// is the seed's to say; `fail-points` meets all.
import type { FailPointName } from '@postrider/runtime';
import type { ServiceName } from '@postrider/test-kit';
import { lossProblems, pause, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';
import type { Population } from '../world.js';
import { dieAt } from './fail-points.js';

/** Those that any load passes within moments; the others wait for a lease to end. */
const readily = {
  'event-ingest': [
    'accept.before-commit',
    'accept.after-commit',
    'hand-on.after-publish',
    'events.before-ack',
    'events.after-ack',
  ],
  dispatcher: [
    'lane.after-receive',
    'claim.before-commit',
    'deliver.before-request',
    'deliver.after-answer',
    'record.before-commit',
    'record.after-commit',
  ],
} as const satisfies Partial<Record<ServiceName, readonly [FailPointName, ...FailPointName[]]>>;

const population: Population = [
  ['healthy', 'flaky'],
  ['healthy', 'failing'],
  ['healthy', 'resetting'],
];
const killed = ['signer', 'dispatcher', 'config-api', 'event-ingest'] as const satisfies ServiceName[];
const betweenMs = 500;

export async function brief(options: ChaosOptions): Promise<Outcome> {
  const deaths: string[] = [];
  const { report } = await underLoad(options, { population }, async ({ world: { system, chance } }) => {
    const kill = async (name: ServiceName): Promise<void> => {
      await pause(betweenMs * (0.5 + chance.next()));
      await system.service(name).kill('SIGKILL');
      await system.service(name).restart();
      deaths.push(name);
      options.say(`killed ${name}`);
    };
    for (const service of ['event-ingest', 'dispatcher'] as const) {
      const name = chance.pick<FailPointName>(readily[service]);
      await system.service(service).kill('SIGTERM');
      await dieAt(system, chance, service, name);
      deaths.push(name);
      options.say(`${service} died at ${name}`);
      await system.service(service).start({ FAILPOINT: undefined });
    }
    for (const name of killed) await kill(name);
  });
  const problems = lossProblems(report);
  if (deaths.length < killed.length + 2) problems.push(`only ${deaths.length} have died`);
  return { problems, figures: { ...report, deaths: deaths.length } };
}
