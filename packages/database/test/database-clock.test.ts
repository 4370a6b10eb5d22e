import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, startTcpProxy, type TcpProxy, type TestDatabase } from '@postrider/test-kit';
import type { Pool } from 'pg';
import { DatabaseClock } from '../src/database-clock.js';
import { createPool } from '../src/pool.js';

let database: TestDatabase;
let proxy: TcpProxy;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startTcpProxy(Number(new URL(database.adminUrl).port));
  pool = createPool(
    { databaseUrl: proxy.urlFor(database.urlFor('signer')), applicationName: 'clock', max: 2 },
    () => undefined,
  );
  await pool.query('SELECT 1');
});
afterAll(async () => {
  await pool.end();
  await proxy.stop();
  await database.drop();
});

test('on a machine whose clock agrees with the database it says just that clock', async () => {
  const clock = new DatabaseClock(pool);
  await clock.measure();
  expect(clock.offset).toBe(0);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThanOrEqual(1);
});

test.each([-600_000, 600_000, 86_400_000])(
  'on a machine whose clock is off by %i ms it says the time of the database',
  async (skewMs) => {
    const clock = new DatabaseClock(pool, () => Date.now() + skewMs);
    await clock.measure();
    // To within half a round trip to the database.
    expect(Math.abs(clock.offset + skewMs)).toBeLessThan(1_000);
    const [row] = await database.query<{ ms: number }>('SELECT now_ms() AS ms');
    expect(Math.abs(clock.nowMs() - (row?.ms ?? 0))).toBeLessThan(2_000);
  },
);

test('a slow answer is no offset', async () => {
  const clock = new DatabaseClock(pool);
  proxy.setDelay(300);
  await clock.measure();
  proxy.setDelay(0);
  expect(clock.offset).toBe(0);
});

test('without the database it keeps what it knows, and says so', async () => {
  const clock = new DatabaseClock(pool, () => Date.now() - 600_000);
  await clock.start(() => undefined);
  const known = clock.offset;
  proxy.cut();
  await expect(clock.measure()).rejects.toThrow();
  expect(clock.offset).toBe(known);
  expect(known).toBeGreaterThan(590_000);
  proxy.restore();
  await clock.measure();
  clock.stop();
});

test('it does not start on what it has not measured', async () => {
  const clock = new DatabaseClock(pool);
  proxy.cut();
  await expect(clock.start(() => undefined)).rejects.toThrow();
  proxy.restore();
});
