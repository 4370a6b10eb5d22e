// Each fail point in turn: the service dies before or after a commit, a publish, an acknowledgement.
import { failPoints, type FailPointName, type FailPointService } from '@postrider/runtime';
import { waitFor, type TestSystem } from '@postrider/test-kit';
import type { Chance } from '../random.js';
import { delayProblems, lossProblems, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';

/** Generous: claims and moves come by only when something has gone wrong before. */
const limitMs = 120_000;

/** Starts a service with a fail point armed, and waits until it has died of it. */
async function dieAt(
  system: TestSystem,
  chance: Chance,
  service: FailPointService,
  name: FailPointName,
): Promise<void> {
  const victim = system.service(service);
  // It may die before it is ready.
  await victim.start({ FAILPOINT: `${name}@${1 + chance.below(5)}` }).catch(() => undefined);
  await waitFor(`${service} to die at ${name}`, () => !victim.isAlive, { timeoutMs: limitMs });
}

export async function eachFailPoint(options: ChaosOptions): Promise<Outcome> {
  let died = 0;
  const { report } = await underLoad(options, {}, async ({ world }) => {
    for (const service of Object.keys(failPoints) as FailPointService[]) {
      const victim = world.system.service(service);
      // It dies again and again, each time before it has made up for the time before: one fault, until it stays.
      world.faultBegins();
      await victim.kill('SIGKILL');
      for (const name of failPoints[service]) {
        await dieAt(world.system, world.chance, service, name);
        died += 1;
        options.say(`${service} died at ${name}`);
      }
      await victim.start({ FAILPOINT: undefined });
      world.faultIsOver();
    }
  });
  return {
    problems: [...lossProblems(report), ...delayProblems(report)],
    figures: { ...report, failPoints: died },
  };
}
