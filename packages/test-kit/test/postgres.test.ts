import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startPostgres, startTcpProxy, type TestPostgres } from '../src/index.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function ask(sql: string, url = postgres.url): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what was committed is there after a kill -9, an orderly stop and a restart', async () => {
  await ask('CREATE TABLE kept AS SELECT 1 AS one');
  const firstPid = postgres.pid;
  await postgres.kill();
  await expect(ask('SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await postgres.restart();
  expect(postgres.pid).not.toBe(firstPid);
  expect(await ask('SELECT one FROM kept')).toEqual([{ one: 1 }]);
  await postgres.stop();
  await postgres.restart();
  expect(await ask('SELECT one FROM kept')).toEqual([{ one: 1 }]);
});

test('a proxy makes it slow, absent and back', async () => {
  const proxy = await startTcpProxy(postgres.port);
  try {
    const url = proxy.urlFor(postgres.url);
    expect(await ask('SELECT 1 AS one', url)).toEqual([{ one: 1 }]);
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    proxy.setDelay(150);
    const begunAt = performance.now();
    await client.query('SELECT 1');
    expect(performance.now() - begunAt).toBeGreaterThan(140);
    proxy.cut();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await expect(ask('SELECT 1', url)).rejects.toThrow();
    proxy.setDelay(0);
    proxy.restore();
    expect(await ask('SELECT 1 AS one', url)).toEqual([{ one: 1 }]);
  } finally {
    await proxy.stop();
  }
});
