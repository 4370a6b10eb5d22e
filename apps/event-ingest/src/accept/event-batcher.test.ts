import { expect, test } from '@jest/globals';
import type { AcceptOutcome, IncomingEvent } from '../shared/event.js';
import { EventBatcher } from './event-batcher.js';

function event(n: number, data = '{}'): IncomingEvent {
  return {
    organizationId: 'o',
    id: String(n),
    topic: 't',
    createdAt: 0,
    updatedAt: 0,
    timesGiven: 0,
    resource: null,
    actor: null,
    data,
    previousData: null,
  };
}

/** A batcher whose batches end when the test says so. */
function prepare(limits: Partial<ConstructorParameters<typeof EventBatcher>[0]> = {}) {
  const batches: { events: readonly IncomingEvent[]; end: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new EventBatcher({
    maxEvents: 3,
    maxBytes: 1_000_000,
    maxWaitingBytes: 10_000_000,
    parallel: 2,
    accept: (events) =>
      new Promise((resolve, reject) => {
        const outcomes = events.map(({ id }): AcceptOutcome => ({
          kind: 'duplicate',
          deliveries: Number(id),
        }));
        batches.push({ events, end: () => resolve(outcomes), fail: reject });
      }),
    ...limits,
  });
  const ids = () => batches.map(({ events }) => events.map(({ id }) => id).join());
  return { batcher, batches, ids };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what arrives in one turn goes together, at most two batches at a time, each event with its own outcome', async () => {
  const { batcher, batches, ids } = prepare();
  const outcomes = Promise.all(Array.from({ length: 8 }, (_, n) => batcher.accept(event(n))));
  await turn();
  expect(ids()).toEqual(['0,1,2', '3,4,5']);
  batches[0]?.end();
  await turn();
  await turn();
  expect(ids()).toEqual(['0,1,2', '3,4,5', '6,7']);
  for (const batch of batches) batch.end();
  expect((await outcomes).map((outcome) => (outcome as { deliveries: number }).deliveries)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7,
  ]);
});

test('a failed batch fails its own events, and the next goes on', async () => {
  const { batcher, batches } = prepare({ parallel: 1, maxEvents: 1 });
  const first = batcher.accept(event(1));
  const second = batcher.accept(event(2));
  await turn();
  batches[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turn();
  batches[1]?.end();
  await expect(second).resolves.toEqual({ kind: 'duplicate', deliveries: 2 });
});

test('bytes limit a batch, but for one that is too large by itself', async () => {
  const { batcher, ids } = prepare({ maxBytes: 5_000, parallel: 5 });
  void [event(0, 'x'.repeat(9_000)), event(1, 'x'.repeat(4_000)), event(2, 'x'.repeat(3_000)), event(3)].map(
    (one) => batcher.accept(one),
  );
  await turn();
  expect(ids()).toEqual(['0', '1', '2,3']);
});

test('what waits beyond the limit is turned away with 503, until there is room again', async () => {
  const { batcher, batches } = prepare({ parallel: 1, maxEvents: 1, maxWaitingBytes: 2_000 });
  const taken = [event(0), event(1, 'x'.repeat(3_000))].map((one) => batcher.accept(one));
  await expect(batcher.accept(event(2))).rejects.toMatchObject({ code: 'unavailable' });
  await turn();
  batches[0]?.end();
  await taken[0];
  await turn();
  const later = batcher.accept(event(3));
  batches[1]?.end();
  await taken[1];
  await turn();
  batches[2]?.end();
  await expect(later).resolves.toBeDefined();
});
