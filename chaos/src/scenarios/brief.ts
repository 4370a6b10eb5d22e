// A little of everything that kills, in one system and in half a minute: part of `npm test`. Which fail points it meets
// is the seed's to say; `fail-points` meets all.
import type { FailPointName } from '@postrider/runtime';
import { waitFor, type ServiceName } from '@postrider/test-kit';
import { Chance } from '../random.js';
import { lossProblems, pause, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';
import type { Population } from '../world.js';

/** Those that any load passes within moments, and nothing else passes. */
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
/** config-api carries no deliveries: `kills` has it. */
const killed = ['signer', 'dispatcher', 'event-ingest'] as const satisfies ServiceName[];
const betweenMs = 500;
/** Generous: the machine may be busy with other tests. */
const deathLimitMs = 120_000;
const passes = 20;

export async function brief(options: ChaosOptions): Promise<Outcome> {
  const chance = new Chance(options.seed);
  const armed = (['event-ingest', 'dispatcher'] as const).map((service) => ({
    service,
    name: chance.pick<FailPointName>(readily[service]),
  }));
  const serviceEnv = Object.fromEntries(
    armed.map(({ service, name }) => [service, { FAILPOINT: `${name}@${1 + chance.below(passes)}` }]),
  );
  const deaths: string[] = [];
  const { report } = await underLoad(
    options,
    { population, system: { serviceEnv } },
    async ({ world: { system } }) => {
      await Promise.all(
        armed.map(async ({ service, name }) => {
          const victim = system.service(service);
          await waitFor(`${service} to die at ${name}`, () => !victim.isAlive, { timeoutMs: deathLimitMs });
          deaths.push(name);
          options.say(`${service} died at ${name}`);
          await victim.start({ FAILPOINT: undefined });
        }),
      );
      for (const name of killed) {
        await pause(betweenMs * (0.5 + chance.next()));
        await system.service(name).kill('SIGKILL');
        deaths.push(name);
        options.say(`killed ${name}`);
        await system.service(name).restart();
      }
    },
  );
  const problems = lossProblems(report);
  if (deaths.length < armed.length + killed.length) problems.push(`only ${deaths.length} have died`);
  return { problems, figures: { ...report, deaths: deaths.length } };
}
