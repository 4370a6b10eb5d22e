// The commands of docs/runbook.md and of other documents, run as they stand there, one after another in one shell.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  startMailServer,
  startReceiver,
  startSystem,
  type MailServer,
  type Receiver,
  type TestSystem,
} from '@postrider/test-kit';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
let system: TestSystem;
let receiver: Receiver;
let mail: MailServer;
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
  mail = await startMailServer();
  system = await startSystem({
    env: {
      SMTP_URL: mail.url,
      MAIL_FROM: 'Postrider <post@example.com>',
      MAIL_LINK_KEY: 'a-key-for-links-in-mails-0123456789',
    },
  });
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
  await mail.stop();
});

async function id(path: string, body: unknown): Promise<string> {
  const reply = await system.api('POST', path, body);
  expect(reply.status).toBe(201);
  return (reply.body as { Id: string }).Id;
}

function commandsOf(document: string): string[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8');
  return [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, , block = '']) => block);
}

async function runBlocks(blocks: readonly string[], env: Record<string, string>): Promise<string> {
  // Whatever the API refuses ends it.
  const strict = ['set -eu', 'curl() { command curl --fail-with-body "$@"; }'];
  const running = run('bash', ['-c', [...strict, ...blocks].join('\necho\n')], {
    cwd: root,
    env: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      API: system.apiUrl,
      INGEST: system.ingestUrl,
      KEY: system.adminApiKey,
      NATS_URL: system.nats.urlFor('publisher'),
      DATABASE_URL: system.database.adminUrl,
      ...env,
    },
    timeout: 120_000,
  });
  const { stdout } = await running.catch((error: unknown) => {
    // The commands themselves say nothing: what was answered does.
    const { stdout: said, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stderr}\nAfter:\n${said.slice(-1_000)}`);
  });
  return stdout;
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
  const blocks = commandsOf('runbook.md');
  expect(blocks.length).toBeGreaterThan(10);
  const stdout = await runBlocks(blocks, { ORG: org, WEBHOOK: webhook });
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

test('the commands of the other documents work as they stand there', async () => {
  const org = await id('/v1/organizations', { Name: 'Reader' });
  const webhook = await id(`/v1/organizations/${org}/webhooks`, { Url: receiver.url, Topics: ['*'] });
  // Messages come last: nothing may be sent to the services that they name.
  const documents = ['publishing.md', 'api.md', 'dashboard.md', 'messages.md'];
  const blocks = documents.flatMap((document) => {
    const found = commandsOf(document);
    expect({ document, has: found.length > 0 }).toEqual({ document, has: true });
    return found;
  });
  const stdout = await runBlocks(blocks, { ORG: org, WEBHOOK: webhook });
  for (const eventId of ['evt_1', 'evt_2', 'evt_3'])
    expect(stdout).toContain(`"Id":"${eventId}","Duplicate":false,"Deliveries":1`);
  expect(stdout).toMatch(/^kept job\.execution\.failed /m);
  expect(stdout).toContain('"EnforceSchema":true');
  expect(stdout).toContain('"Trigger":"ping"');
  expect(stdout).toMatch(/"Key":"pr_/);
  expect(stdout).toMatch(/"Url":"[^"]*\/portal/);
  for (const type of ['slack', 'teams', 'email']) expect(stdout).toContain(`"Type":"${type}"`);
});
