// The users of docker-compose.yml: deploy/nats.conf itself, with the passwords that are made for it there.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectNats, makeComposeSecrets, startNats, type TestNats } from '@postrider/test-kit';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { natsUsers } from '../src/users.js';
import { tryUsers } from './permissions-tests.js';

const root = join(import.meta.dirname, '..', '..', '..');

describe('the users of deploy/nats.conf', () => {
  tryUsers(() => startNats({ compose: true }));
});

test('deploy/nats.conf is what the permissions say', () => {
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const program = join(root, 'scripts', 'write-nats-conf.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, '--check'], { env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('a stranger', () => {
  let nats: TestNats;
  beforeAll(async () => {
    nats = await startNats({ compose: true });
  });
  afterAll(() => nats.stop());
  test('gets in neither without a name nor with the password of another installation', async () => {
    await expect(connectNats(`nats://127.0.0.1:${nats.port}`)).rejects.toThrow(/authorization/i);
    const others = makeComposeSecrets();
    for (const user of natsUsers) {
      const url = `nats://${user}:${others.natsPasswordOf(user)}@127.0.0.1:${nats.port}`;
      await expect(connectNats(url)).rejects.toThrow(/authorization/i);
    }
  });
});
