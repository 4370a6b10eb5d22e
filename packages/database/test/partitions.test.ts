import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import { Client } from 'pg';
import { idMs, idRange, newId } from '../src/ids.js';
import { addAttempt, addDelivery, addEvent, dayMs, dayName } from './rows.js';

let database: TestDatabase;
let now: number;
beforeEach(async () => {
  database = await createTestDatabase();
  now = (await database.query<{ ms: number }>('SELECT now_ms() AS ms'))[0]?.ms ?? 0;
});
afterEach(() => database.drop());

const parents = ['attempts', 'deliveries', 'events'];
const startOfDay = (day: number): number => (Math.floor(now / dayMs) + day) * dayMs;

async function partitions(): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent::regclass::text = ANY($1) ORDER BY 1`,
    [parents],
  );
  return rows.map(({ name }) => name);
}

const namesOf = (days: readonly number[]): string[] =>
  parents.flatMap((parent) => days.map((day) => `${parent}_${dayName(startOfDay(day))}`)).sort();
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const ensure = async (back: number, ahead: number): Promise<number> =>
  (await database.query<{ made: number }>('SELECT ensure_partitions($1, $2) AS made', [back, ahead]))[0]
    ?.made ?? -1;

const dropExpired = async (retentionDays: number): Promise<string[]> => {
  const client = new Client({ connectionString: database.urlFor('config_api') });
  await client.connect();
  try {
    const result = await client.query<{ name: string }>('SELECT drop_expired_partitions($1) AS name', [
      retentionDays,
    ]);
    return result.rows.map(({ name }) => name).sort();
  } finally {
    await client.end();
  }
};

test('a migrated database has the days from yesterday to a week ahead', async () => {
  expect(await partitions()).toEqual(namesOf(range(-1, 7)));
});

test('the job makes what is missing, and nothing twice', async () => {
  expect(await ensure(1, 7)).toBe(0);
  expect(await ensure(1, 9)).toBe(2 * 3);
  expect(await ensure(3, 9)).toBe(2 * 3);
  expect(await ensure(3, 9)).toBe(0);
  expect(await partitions()).toEqual(namesOf(range(-3, 9)));
});

test('several at the same time make each day once', async () => {
  const clients = await Promise.all(
    ['event_ingest', 'dispatcher', 'config_api', 'event_ingest'].map(async (role) => {
      const client = new Client({ connectionString: database.urlFor(role as 'dispatcher') });
      await client.connect();
      return client;
    }),
  );
  const made = await Promise.all(
    clients.map(
      async (client) =>
        (await client.query<{ n: number }>('SELECT ensure_partitions(1, 20) AS n')).rows[0]?.n,
    ),
  );
  expect(made.map(Number).sort((a, b) => a - b)).toEqual([0, 0, 0, 13 * 3]);
  await Promise.all(clients.map((client) => client.end()));
});

test('every millisecond of a day lies in its own partition, to the first and the last', async () => {
  for (const day of [-1, 0, 7]) {
    for (const ms of [startOfDay(day), startOfDay(day) + 12_345_678, startOfDay(day + 1) - 1]) {
      const uid = await addEvent(database, { ms });
      const rows = await database.query<{ name: string }>(
        'SELECT tableoid::regclass::text AS name FROM events WHERE uid = $1',
        [uid],
      );
      expect(rows).toEqual([{ name: `events_${dayName(startOfDay(day))}` }]);
    }
  }
  await expect(addEvent(database, { ms: startOfDay(8) })).rejects.toThrow(/no partition/);
  await expect(addEvent(database, { ms: startOfDay(-1) - 1 })).rejects.toThrow(/no partition/);
});

test('a look-up by id touches one partition', async () => {
  const plan = await database.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT * FROM deliveries WHERE organization_id = '${newId()}' AND id = '${newId(now)}'`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text.match(/deliveries_\d{8}/g)?.every((name) => name === `deliveries_${dayName(now)}`)).toBe(true);
});

test('SQL and TypeScript agree on what an id says', async () => {
  for (const ms of [0, 1, 1_590_591_051_225, now, 2 ** 48 - 1]) {
    const id = newId(ms);
    const [row] = await database.query<{ first: string; ms: number; within: boolean }>(
      'SELECT uuid_v7_floor($1) AS first, uuid_v7_ms($2) AS ms, $2::uuid BETWEEN $3 AND $4 AS within',
      [ms, id, idRange(ms, ms).first, idRange(ms, ms).last],
    );
    expect(row).toEqual({ first: idRange(ms, ms).first, ms, within: true });
    expect(idMs(id)).toBe(ms);
  }
});

test('expired days are dropped whole; a day with a Pending or Held delivery stays, and its events with it', async () => {
  await ensure(40, 0);
  const kept: Record<string, number> = { Pending: -35, Held: -36 };
  for (const [status, day] of Object.entries({ ...kept, Succeeded: -37, Failed: -38, Cancelled: -39 })) {
    const ms = startOfDay(day) + 1_000;
    const eventUid = await addEvent(database, { ms });
    const deliveryId = await addDelivery(database, { ms, status, eventUid });
    await addAttempt(database, { ms, deliveryId });
  }
  const stays = new Set(Object.values(kept));
  const expired = range(-40, -31).filter((day) => !stays.has(day));
  expect(await dropExpired(30)).toEqual(namesOf(expired));
  expect(await partitions()).toEqual(namesOf([...stays, ...range(-30, 7)]));
  expect(await dropExpired(30)).toEqual([]);
  const left = await database.query<{ status: string; text: string }>(
    `SELECT d.status, e.text FROM deliveries d JOIN events e ON e.uid = d.event_uid
     JOIN attempts a ON a.delivery_id = d.id ORDER BY 1`,
  );
  expect(left.map(({ status }) => status)).toEqual(['Held', 'Pending']);

  // Once they are done with, their days go too.
  await database.query(`UPDATE deliveries SET status = 'Cancelled', due_at = NULL`);
  expect(await dropExpired(30)).toEqual(namesOf([...stays]));
});

test('days that are still kept are not dropped, whatever is in them', async () => {
  await ensure(31, 0);
  expect(await dropExpired(31)).toEqual([]);
  expect(await dropExpired(30)).toEqual(namesOf([-31]));
});
