// The fault bench (npm run chaos), brief and with a fixed seed: services are killed and die at fail points under load, and
// what was accepted is received and verified, or ended with a reason on record.
import { expect, test } from '@jest/globals';
import { scenarios } from '@postrider/chaos';

const seed = 20_261_126;

test('kill -9 and fail points: nothing is lost', async () => {
  const log: string[] = [`seed ${seed}`];
  const { problems, figures } = await scenarios.brief({
    seed,
    seconds: 0,
    rate: 30,
    killEverySeconds: 0,
    outageSeconds: 0,
    say: (text) => log.push(text),
  });
  expect({ problems, log: problems.length > 0 ? log : [] }).toEqual({ problems: [], log: [] });
  expect(figures).toMatchObject({ lost: 0, unverified: 0 });
}, 300_000);
