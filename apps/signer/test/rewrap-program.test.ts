// The real program, beside a signer that goes on signing.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Harness, newMasterKey } from './harness.js';

let harness: Harness;
const newer = newMasterKey('test-2');
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

async function rewrap(masterKeys: string): Promise<{ code: number; output: string }> {
  const program = fileURLToPath(new URL('../dist/rewrap.js', import.meta.url));
  const env = { DATABASE_URL: harness.database.urlFor('signer'), MASTER_KEYS: masterKeys };
  const run = promisify(execFile)(process.execPath, [program], { env });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

const keyIds = async () =>
  (
    await harness.database.query<{ id: string }>(
      'SELECT key_id AS id FROM signing_secrets UNION SELECT key_id FROM webhook_credentials ORDER BY 1',
    )
  ).map(({ id }) => id);

test('a key that does not fit changes nothing and says what is missing', async () => {
  const signer = await harness.startSigner();
  const first = harness.newWebhook();
  const webhooks = [first, harness.newWebhook(), harness.newWebhook()];
  for (const webhook of webhooks) await harness.create(webhook, 'Bearer abc');
  const refused = await rewrap(newer);
  expect(refused.code).toBe(1);
  expect(refused.output).toMatch(/does not open.*add the missing key to MASTER_KEYS/s);
  expect(await keyIds()).toEqual(['test-1']);

  const before = await harness.signOne({ ...first, timestamp: 1_700_000_000 });
  const done = await rewrap(`${newer},${harness.masterKeys}`);
  expect(done).toMatchObject({
    code: 0,
    output: expect.stringContaining('done: 6 rewrapped; all is under test-2'),
  });
  expect(await keyIds()).toEqual(['test-2']);
  for (const key of [newer, harness.masterKeys]) expect(done.output).not.toContain(key.split(':')[1]);
  await harness.stopSigner(signer);

  // The older key is gone, and all still opens.
  await harness.startSigner({ masterKeys: newer });
  expect(await harness.signOne({ ...first, timestamp: 1_700_000_000 })).toEqual(before);
  expect((await rewrap(newer)).output).toContain('done: 0 rewrapped');
}, 120_000);
