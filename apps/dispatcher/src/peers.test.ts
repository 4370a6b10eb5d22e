import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Peers } from './peers.js';

/** All of them hear what each tells, itself included, as on NATS. */
function makePeers(): { add: () => Peers; kill: (peers: Peers) => void } {
  const alive = new Set<Peers>();
  return {
    add: () => {
      const peers: Peers = new Peers({
        now: Date.now,
        tell: (notice) => {
          if (!alive.has(peers)) return;
          const data = Buffer.from(JSON.stringify(notice));
          for (const one of alive) queueMicrotask(() => one.hear(data));
        },
      });
      alive.add(peers);
      peers.start();
      return peers;
    },
    kill: (peers) => alive.delete(peers),
  };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('each knows how many there are: at once when one comes or stops, in time when one is killed', async () => {
  const peers = makePeers();
  const [a, b, c] = [peers.add(), peers.add(), peers.add()];
  await jest.advanceTimersByTimeAsync(0);
  expect([a.count, b.count, c.count]).toEqual([3, 3, 3]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect([a.count, b.count, c.count]).toEqual([3, 3, 3]);
  c.stop();
  await jest.advanceTimersByTimeAsync(0);
  expect([a.count, b.count]).toEqual([2, 2]);
  peers.kill(b);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(a.count).toBe(1);
});

test('what is no notice is not counted', () => {
  const peers = new Peers({ now: Date.now, tell: () => undefined });
  for (const text of ['', '{', '{}', '{"Id":"x","Leaving":false}']) peers.hear(Buffer.from(text));
  expect(peers.count).toBe(1);
});
