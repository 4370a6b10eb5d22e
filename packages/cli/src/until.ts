import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 250;

/** Asks again and again until there is an answer; null when the time is over. */
export async function until<T>(patienceMs: number, ask: () => Promise<T | null>): Promise<T | null> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null || performance.now() > end) return answer;
    await sleep(everyMs);
  }
}
