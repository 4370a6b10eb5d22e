import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Batcher } from './batcher.js';

interface Row {
  readonly key: string;
  readonly n: number;
}

interface Write {
  readonly rows: readonly Row[];
  readonly succeed: () => void;
  readonly fail: (error: Error) => void;
}

interface Desk {
  readonly batcher: Batcher<Row>;
  /** Writes in the order in which they began; each ends when the test says so. */
  readonly writes: Write[];
  readonly errors: { readonly error: unknown; readonly rows: number }[];
}

function makeDesk(options: { maxBatch?: number; parallel?: number; byKey?: boolean } = {}): Desk {
  const writes: Write[] = [];
  const errors: Desk['errors'][number][] = [];
  const batcher = new Batcher<Row>({
    maxBatch: options.maxBatch ?? 500,
    maxAgeMs: 20,
    parallel: options.parallel ?? 1,
    write: (rows) =>
      new Promise((resolve, reject) => {
        writes.push({ rows: [...rows], succeed: resolve, fail: reject });
      }),
    onError: (error, rows) => errors.push({ error, rows }),
    ...(options.byKey === true ? { keyOf: (row: Row) => row.key } : {}),
  });
  return { batcher, writes, errors };
}

const addMany = ({ batcher }: Desk, count: number, from = 0): Row[] => {
  const rows = Array.from({ length: count }, (_, at) => ({ key: `k${from + at}`, n: from + at }));
  for (const row of rows) batcher.add(row);
  return rows;
};
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a lone row is written at once', async () => {
  const desk = makeDesk();
  const rows = addMany(desk, 1);
  await pass(0);
  expect(desk.writes.map((write) => write.rows)).toEqual([rows]);
});

test('what has come in the same turn goes together', async () => {
  const desk = makeDesk();
  const rows = addMany(desk, 7);
  await pass(0);
  expect(desk.writes.map((write) => write.rows)).toEqual([rows]);
});

test('while one batch is written the next gathers, up to the age', async () => {
  const desk = makeDesk({ parallel: 2 });
  addMany(desk, 1);
  await pass(0);
  const second = addMany(desk, 3, 1);
  await pass(19);
  expect(desk.writes).toHaveLength(1);
  await pass(1);
  expect(desk.writes[1]?.rows).toEqual(second);
});

test('no batch is larger than the limit; a full one does not wait', async () => {
  const desk = makeDesk({ maxBatch: 10, parallel: 2 });
  addMany(desk, 25);
  expect(desk.writes.map(({ rows }) => rows.length)).toEqual([10, 10]);
  desk.writes[0]?.succeed();
  await pass(20);
  expect(desk.writes.map(({ rows }) => rows.length)).toEqual([10, 10, 5]);
  const seen = desk.writes.flatMap(({ rows }) => rows.map(({ n }) => n));
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => n));
});

test('never more writes at the same time than allowed', async () => {
  const desk = makeDesk({ maxBatch: 1, parallel: 2 });
  addMany(desk, 5);
  await pass(1_000);
  expect(desk.writes).toHaveLength(2);
  desk.writes[0]?.succeed();
  await pass(0);
  expect(desk.writes).toHaveLength(3);
});

test('rows with the same key never stand in one batch, keep their order, and all are written', async () => {
  const desk = makeDesk({ maxBatch: 4, byKey: true });
  const rows = ['a', 'b', 'a', 'a', 'c', 'b', 'd', 'e', 'a'].map((key, n) => ({ key, n }));
  for (const row of rows) desk.batcher.add(row);
  for (let at = 0; desk.batcher.pending > 0; at += 1) {
    await pass(20);
    desk.writes[at]?.succeed();
    await pass(0);
  }
  for (const { rows: batch } of desk.writes) {
    expect(batch.length).toBeLessThanOrEqual(4);
    expect(new Set(batch.map(({ key }) => key)).size).toBe(batch.length);
  }
  const written = desk.writes.flatMap((write) => write.rows);
  expect([...written].sort((one, two) => one.n - two.n)).toEqual(rows);
  expect(written.filter(({ key }) => key === 'a').map(({ n }) => n)).toEqual([0, 2, 3, 8]);
});

describe('when the database is away', () => {
  test('a batch is tried again until it is written, and says so meanwhile', async () => {
    const desk = makeDesk();
    const rows = addMany(desk, 2);
    await pass(0);
    const away = new Error('away');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      desk.writes[attempt]?.fail(away);
      await pass(499);
      expect(desk.writes).toHaveLength(attempt + 1);
      expect([desk.batcher.isFailing, desk.batcher.pending]).toEqual([true, 2]);
      await pass(1);
    }
    expect(desk.errors).toEqual([away, away, away].map((error) => ({ error, rows: 2 })));
    expect(desk.writes.map((write) => write.rows)).toEqual([rows, rows, rows, rows]);
    desk.writes[3]?.succeed();
    await pass(0);
    expect([desk.batcher.isFailing, desk.batcher.pending]).toEqual([false, 0]);
  });

  test('drained() waits for all of it', async () => {
    const desk = makeDesk();
    addMany(desk, 1);
    await pass(0);
    let drained = false;
    void desk.batcher.drained().then(() => {
      drained = true;
    });
    desk.writes[0]?.fail(new Error('away'));
    addMany(desk, 1, 1);
    await pass(500);
    desk.writes[1]?.succeed();
    await pass(20);
    expect(drained).toBe(false);
    desk.writes[2]?.succeed();
    await pass(0);
    expect(drained).toBe(true);
  });
});

test('drained() of an empty one resolves at once', async () => {
  await expect(makeDesk().batcher.drained()).resolves.toBeUndefined();
});
