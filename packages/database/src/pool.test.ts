import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { createPool, isDatabaseAway } from './pool.js';

test.each(['reset', 'refused'])(
  'a server that is away (%s) is told apart from a wrong statement',
  async (how) => {
    const server = createServer((socket) => socket.resetAndDestroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    if (how === 'refused') await new Promise((resolve) => server.close(resolve));
    const pool = createPool(
      { databaseUrl: `postgres://a:b@127.0.0.1:${port}/x`, applicationName: 'test', max: 1 },
      () => undefined,
    );
    const error: unknown = await pool.query('SELECT 1').catch((failure: unknown) => failure);
    expect(isDatabaseAway(error)).toBe(true);
    await pool.end();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  },
);

test('a server that has stopped to answer is given up, and counts as away', async () => {
  const server = createServer((socket) => {
    // AuthenticationOk and ReadyForQuery, and nothing from then on.
    socket.once('data', () => socket.write(Buffer.from('5200000008000000005a0000000549', 'hex')));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const databaseUrl = `postgres://a:b@127.0.0.1:${port}/x`;
  const pool = createPool(
    { databaseUrl, applicationName: 'test', max: 1, answerTimeoutMs: 100 },
    () => undefined,
  );
  const error: unknown = await pool.query('SELECT 1').catch((failure: unknown) => failure);
  expect(error).toMatchObject({ message: 'Query read timeout' });
  expect(isDatabaseAway(error)).toBe(true);
  expect(pool.totalCount).toBe(0);
  await pool.end();
  await new Promise((resolve) => server.close(resolve));
});

test.each<[unknown, boolean]>([
  [{ code: '57P01', message: 'terminating connection due to administrator command' }, true],
  [{ code: '53300', message: 'too many connections' }, true],
  [new Error('Connection terminated unexpectedly'), true],
  [{ code: '23505', message: 'duplicate key value' }, false],
  [{ code: '22P02', message: 'invalid input syntax' }, false],
  [new Error('anything else'), false],
  [null, false],
  ['text', false],
])('%p: %p', (error, away) => {
  expect(isDatabaseAway(error)).toBe(away);
});
