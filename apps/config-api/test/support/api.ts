// config-api itself, listening, with a PostgreSQL and a NATS of the test file's own and the rights that it has in
// production.
import 'reflect-metadata';
import { createLogger } from '@postrider/runtime';
import { createTestDatabase, startNats, type TestDatabase, type TestNats } from '@postrider/test-kit';
import supertest from 'supertest';
import { readConfig } from '../../src/config.js';
import { startConfigApi } from '../../src/start.js';
import { startOtherServices, type OtherServices } from './services.js';

export const adminKey = 'test-admin-key-0123456789';

export interface TestApi {
  readonly url: string;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly services: OtherServices;
  readonly app: Awaited<ReturnType<typeof startConfigApi>>['app'];
  /** A call with the admin key; `as` names another key, null none. */
  call(method: 'get' | 'post' | 'patch' | 'delete', path: string, as?: string | null): supertest.Test;
  organization(name?: string): Promise<string>;
  webhook(
    organizationId: string,
    fields?: object,
  ): Promise<{ Id: string; SigningSecret: string } & Record<string, unknown>>;
  key(organizationId: string, ...scopes: string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface ApiOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it connects to instead, for a proxy in between. */
  readonly databaseUrlOf?: (url: string) => Promise<string>;
}

export async function startApi({ env = {}, databaseUrlOf }: ApiOptions = {}): Promise<TestApi> {
  const [database, nats] = await Promise.all([createTestDatabase(), startNats({ users: true })]);
  const services = await startOtherServices(nats.url, database);
  const config = readConfig({
    CONFIG_API_PORT: '0',
    DATABASE_URL: (await databaseUrlOf?.(database.urlFor('config_api'))) ?? database.urlFor('config_api'),
    NATS_URL: nats.urlFor('config_api'),
    ADMIN_API_KEY: adminKey,
    ...env,
  });
  const service = await startConfigApi(
    config,
    createLogger('config-api', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
  );
  await service.app.listen(0, '127.0.0.1');
  await service.begin?.();
  const { port } = service.app.getHttpServer().address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const call: TestApi['call'] = (method, path, as = adminKey) => {
    const request = supertest(url)[method](path);
    return as === null ? request : request.set('Authorization', `Bearer ${as}`);
  };
  return {
    url,
    database,
    nats,
    services,
    app: service.app,
    call,
    organization: async (name = 'Acme') => {
      const response = await call('post', '/v1/organizations').send({ Name: name }).expect(201);
      return (response.body as { Id: string }).Id;
    },
    webhook: async (organizationId, fields = {}) => {
      const response = await call('post', `/v1/organizations/${organizationId}/webhooks`)
        .send({ Url: 'https://example.com/hook', Topics: ['*'], ...fields })
        .expect(201);
      return response.body as Awaited<ReturnType<TestApi['webhook']>>;
    },
    key: async (organizationId, ...scopes) => {
      const response = await call('post', `/v1/organizations/${organizationId}/api-keys`)
        .send({ Name: 'test', Scopes: scopes })
        .expect(201);
      return (response.body as { Key: string }).Key;
    },
    stop: async () => {
      await service.drain?.();
      await service.app.close();
      await service.close?.();
      await services.stop();
      await nats.kill();
      await database.drop();
    },
  };
}
