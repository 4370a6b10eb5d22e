import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import { newId } from '../src/ids.js';
import {
  addDelivery,
  addOrganization,
  addWebhook,
  anyOrganization,
  dayMs,
  fillOrganization,
} from './rows.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const deleteExpired = async (retentionDays: number): Promise<number> =>
  (await database.query<{ n: number }>('SELECT delete_expired_rows($1) AS n', [retentionDays]))[0]?.n ?? -1;

const hourMs = 3_600_000;

async function addEventId(id: string, hoursAgo: number): Promise<void> {
  await database.query('INSERT INTO event_ids VALUES ($1, $2, $3, 1, now_ms() - $4::bigint)', [
    anyOrganization,
    id,
    newId(),
    hoursAgo * hourMs,
  ]);
}
const column = async (sql: string): Promise<unknown[]> =>
  (await database.query<{ value: unknown }>(sql)).map(({ value }) => value);

test('event Ids are remembered for as long as events are kept, and for 72 h at least', async () => {
  for (const hours of [1, 47, 71, 73, 24 * 29, 24 * 31]) await addEventId(`${hours}h`, hours);
  expect(await deleteExpired(30)).toBe(1);
  expect(await column('SELECT id AS value FROM event_ids ORDER BY accepted_at')).toEqual([
    '696h',
    '73h',
    '71h',
    '47h',
    '1h',
  ]);
  // Kept for a day only: an Id of two days ago is still the same event.
  await deleteExpired(1);
  expect(await column('SELECT id AS value FROM event_ids ORDER BY accepted_at')).toEqual([
    '71h',
    '47h',
    '1h',
  ]);
});

test('rejected events and counters go after the retention', async () => {
  for (const days of [1, 29, 31]) {
    const ms = Date.now() - days * dayMs;
    await database.query(
      `INSERT INTO rejected_events VALUES ($1, NULL, $2, NULL, NULL, 'c', 'r', '[]', '\\x00', false)`,
      [newId(ms), `${days}d`],
    );
    await database.query(`INSERT INTO webhook_minutes VALUES ($1, $2, $3, 1, 0, '{}')`, [
      newId(),
      ms,
      anyOrganization,
    ]);
  }
  expect(await deleteExpired(30)).toBe(2);
  expect(await column('SELECT subject AS value FROM rejected_events ORDER BY id')).toEqual(['29d', '1d']);
  expect((await column('SELECT 1 AS value FROM webhook_minutes')).length).toBe(2);
});

test('a deleted webhook stays while its log does', async () => {
  const organizationId = await addOrganization(database);
  const add = (deletedMsAgo: number | null) => addWebhook(database, { organizationId, deletedMsAgo });
  const present = await add(null);
  const lately = await add(29 * dayMs);
  const withLog = await add(31 * dayMs);
  const without = await add(31 * dayMs);
  await addDelivery(database, { ms: Date.now(), organizationId, webhookId: withLog, status: 'Succeeded' });
  expect(await deleteExpired(30)).toBe(1);
  const left = await column('SELECT id AS value FROM webhooks');
  expect(left.sort()).toEqual([present, lately, withLog].sort());
  expect(left).not.toContain(without);
});

describe('a deleted organization', () => {
  const tables = [
    'webhooks',
    'api_keys',
    'signing_secrets',
    'webhook_credentials',
    'event_ids',
    'events',
    'rejected_events',
    'deliveries',
    'attempts',
    'resends',
    'webhook_health',
    'webhook_minutes',
  ];
  const rowsOf = async (organizationId: string): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const rows = await database.query(`SELECT 1 FROM ${table} WHERE organization_id = $1`, [
        organizationId,
      ]);
      counts[table] = rows.length;
    }
    return counts;
  };
  const full = Object.fromEntries(tables.map((table) => [table, 1]));

  async function filled(deletedMsAgo: number | null): Promise<string> {
    const organizationId = await addOrganization(database, { deletedMsAgo });
    const webhookId = await addWebhook(database, { organizationId, deletedMsAgo });
    await fillOrganization(database, organizationId, webhookId);
    return organizationId;
  }

  test('takes everything along, and leaves the others alone', async () => {
    const other = await filled(null);
    const gone = await filled(2 * hourMs);
    expect(await rowsOf(gone)).toEqual(full);
    expect(await deleteExpired(30)).toBe(tables.length - 1);
    // Its webhooks stay a day longer as tombstones, and so does it: a service that was away learns of it.
    expect(await rowsOf(gone)).toEqual({
      ...Object.fromEntries(tables.map((table) => [table, 0])),
      webhooks: 1,
    });
    expect(await rowsOf(other)).toEqual(full);
    expect((await column('SELECT id AS value FROM organizations')).sort()).toEqual([other, gone].sort());
  });

  test('is gone itself after a day', async () => {
    const gone = await filled(25 * hourMs);
    await deleteExpired(30);
    expect(await rowsOf(gone)).toEqual(Object.fromEntries(tables.map((table) => [table, 0])));
    expect(await column('SELECT id AS value FROM organizations')).toEqual([]);
  });

  test('is left alone in its first minute: what is under way may still be written', async () => {
    const gone = await filled(10_000);
    expect(await deleteExpired(30)).toBe(0);
    expect(await rowsOf(gone)).toEqual(full);
  });

  test('is the only one that can be purged', async () => {
    const present = await filled(null);
    await expect(database.query('SELECT purge_organization($1)', [present])).rejects.toThrow(
      /is not deleted/,
    );
    expect(await rowsOf(present)).toEqual(full);
  });
});
