// The commands of docs/runbook.md, run as they stand there, one after another in one shell.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
let system: TestSystem;
let receiver: Receiver;
let folder: string;

/** `psql URL -c SQL` for machines that have none: the same statement, the same columns. */
const psql = `import pg from '${pathToFileURL(join(root, 'node_modules', 'pg', 'lib', 'index.js')).href}';
const [url, flag, sql] = process.argv.slice(2);
if (flag !== '-c') throw new Error('only psql URL -c SQL');
const client = new pg.Client(url);
await client.connect();
const { fields, rows } = await client.query(sql);
console.log(fields.map(({ name }) => name).join(' | '));
for (const row of rows) console.log(Object.values(row).join(' | '));
await client.end();
`;

beforeAll(async () => {
  receiver = await startReceiver();
  receiver.respond({ status: 500 });
  system = await startSystem();
  folder = mkdtempSync(join(tmpdir(), 'postrider-runbook-'));
  writeFileSync(join(folder, 'psql.mjs'), psql);
  writeFileSync(
    join(folder, 'psql'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'psql.mjs')}' "$@"\n`,
  );
  chmodSync(join(folder, 'psql'), 0o755);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system.stop();
  await receiver.stop();
});

async function id(path: string, body: unknown): Promise<string> {
  const reply = await system.api('POST', path, body);
  expect(reply.status).toBe(201);
  return (reply.body as { Id: string }).Id;
}

test('the commands of the runbook work as they stand there, and show what they are to show', async () => {
  const org = await id('/v1/organizations', { Name: 'Runbook' });
  const webhook = await id(`/v1/organizations/${org}/webhooks`, {
    Url: receiver.url,
    Topics: ['job.execution.failed'],
    RetrySchedule: [],
  });
  await system.publish(org, 'job.execution.failed', { Data: {} });
  await system.publish(org, 'job.execution.failed', '{"Data":');
  await system.waitFor('a failed delivery', async () => {
    const { body } = await system.api('GET', `/v1/organizations/${org}/deliveries?Status=Failed`);
    return (body as { Data: unknown[] }).Data.length === 1;
  });
  const text = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
  const blocks = [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, , block = '']) => block);
  expect(blocks.length).toBeGreaterThan(10);
  const { stdout } = await run('bash', ['-c', ['set -eu', ...blocks].join('\necho\n')], {
    cwd: root,
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      API: system.apiUrl,
      KEY: system.adminApiKey,
      DATABASE_URL: system.database.adminUrl,
      ORG: org,
      WEBHOOK: webhook,
    },
    timeout: 60_000,
  });
  expect(stdout).toContain('"status":"ok"');
  expect(stdout).toContain('webhook_id | pending | due | late_seconds');
  expect(stdout).toContain('"Code":"http_status"');
  expect(stdout).toContain('"State":"paused"');
  expect(stdout).toContain('"DryRun":true,"Total":1');
  expect(stdout).toContain('"Action":"webhook.secret_rotated"');
  expect(stdout).toContain('"Code":"malformed_json"');
  expect(stdout).toMatch(/key_id \| count\ntest-1 \| [12]/);
  expect(stdout).toMatch(/last_day\ndeliveries_\d{8}/);
});
