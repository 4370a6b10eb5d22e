import { expect, test } from '@jest/globals';
import { readConfig } from './config.js';

const needed = { DATABASE_URL: 'postgres://x', ADMIN_API_KEY: 'key' };

test('what is not set has its default', () => {
  expect(readConfig(needed)).toEqual({
    port: 3001,
    host: '127.0.0.1',
    databaseUrl: 'postgres://x',
    natsUrl: 'nats://127.0.0.1:4222',
    logLevel: 'info',
    adminApiKey: 'key',
    maxEventBytes: 262_144,
    rateLimitEvents: 20_000,
    failPoint: undefined,
    tracing: null,
  });
});

test('all that is wrong is told in one message, by variable', () => {
  const read = () =>
    readConfig({ EVENT_INGEST_PORT: '70000', ADMIN_API_KEY: 'with space', MAX_EVENT_BYTES: '1k' });
  for (const name of ['EVENT_INGEST_PORT', 'ADMIN_API_KEY', 'MAX_EVENT_BYTES', 'DATABASE_URL']) {
    expect(read).toThrow(name);
  }
});
