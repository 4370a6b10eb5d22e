// The service without its neighbours: it starts, stays up, says what is missing, and is itself again when they are back.
import { afterEach, expect, test } from '@jest/globals';
import { createLogger } from '@postrider/runtime';
import {
  createTestDatabase,
  sendRequest,
  startTcpProxy,
  waitFor,
  type TcpProxy,
  type TestDatabase,
} from '@postrider/test-kit';
import { readConfig } from '../src/config.js';
import { startConfigApi } from '../src/start.js';
import { adminKey, startApi } from './support/api.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface ReadyBody {
  readonly checks: Record<string, { ok: boolean; reason: string | null }>;
}

test('without NATS it starts and reads and writes, all but what another service has a part in', async () => {
  const database: TestDatabase = await createTestDatabase();
  const config = readConfig({
    CONFIG_API_PORT: '0',
    DATABASE_URL: database.urlFor('config_api'),
    NATS_URL: 'nats://127.0.0.1:1',
    ADMIN_API_KEY: adminKey,
  });
  const service = await startConfigApi(config, createLogger('config-api', 'silent'));
  await service.app.listen(0, '127.0.0.1');
  await service.begin?.();
  cleanups.push(async () => {
    await service.drain?.();
    await service.app.close();
    await service.close?.();
    await database.drop();
  });
  const { port } = service.app.getHttpServer().address() as { port: number };
  const call = (method: string, path: string, body?: unknown) =>
    sendRequest(method, `http://127.0.0.1:${port}${path}`, {
      headers: { Authorization: `Bearer ${adminKey}` },
      body,
    });

  const ready = await call('GET', '/health/ready');
  expect(ready.status).toBe(503);
  expect((ready.body as ReadyBody).checks).toMatchObject({
    database: { ok: true },
    nats: { ok: false, reason: expect.stringContaining('NATS') },
  });
  expect((await call('GET', '/health/live')).status).toBe(200);
  const created = await call('POST', '/v1/organizations', { Name: 'x' });
  expect(created.status).toBe(201);
  const { Id } = created.body as { Id: string };
  expect((await call('GET', `/v1/organizations/${Id}/webhooks`)).status).toBe(200);
  const webhook = await call('POST', `/v1/organizations/${Id}/webhooks`, {
    Url: 'https://example.com',
    Topics: ['*'],
  });
  expect([webhook.status, (webhook.body as { code: string }).code]).toEqual([503, 'unavailable']);
  expect(Number(webhook.headers['retry-after'])).toBeGreaterThan(0);
});

test('without PostgreSQL it starts, answers 503, and is ready when PostgreSQL is there', async () => {
  let proxy: TcpProxy | undefined;
  const api = await startApi({
    databaseUrlOf: async (url) => {
      proxy = await startTcpProxy(Number(new URL(url).port));
      proxy.cut();
      return proxy.urlFor(url);
    },
  });
  cleanups.push(
    () => proxy?.stop() ?? Promise.resolve(),
    () => api.stop(),
  );

  for (const path of ['/v1/organizations', '/v1/topics', '/v1/rejected-events']) {
    const response = await api.call('get', path);
    expect([path, response.status]).toEqual([path, 503]);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.body).toMatchObject({ code: 'unavailable' });
  }
  // Nobody can tell whose key that is: 503, not 401.
  expect((await api.call('get', '/v1/topics', 'pr_unknown')).status).toBe(503);
  expect((await api.call('get', '/health/live')).status).toBe(200);
  expect((await api.call('get', '/health/ready')).status).toBe(503);

  proxy?.restore();
  await waitFor('PostgreSQL', async () => (await api.call('get', '/health/ready')).status === 200);
  expect((await api.call('get', '/v1/topics')).status).toBe(200);

  proxy?.cut();
  expect((await api.call('get', '/v1/topics')).status).toBe(503);
  proxy?.restore();
  await waitFor('PostgreSQL again', async () => (await api.call('get', '/v1/topics')).status === 200);
});

test('settings that are wrong are all named at once', () => {
  expect(() =>
    readConfig({ ADMIN_API_KEY: 'short', RETENTION_DAYS: '0', CONFIG_API_PORT: 'x', LOG_LEVEL: 'loud' }),
  ).toThrow(/CONFIG_API_PORT[\s\S]*DATABASE_URL[\s\S]*LOG_LEVEL[\s\S]*ADMIN_API_KEY[\s\S]*RETENTION_DAYS/);
  expect(() => readConfig({ DATABASE_URL: 'x', ADMIN_API_KEY: adminKey, EGRESS_ALLOW: 'all' })).toThrow(
    /EGRESS_ALLOW/,
  );
});
