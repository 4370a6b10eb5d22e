// The README's five-minute tour, run as it stands there.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSystem, type TestSystem } from '@postrider/test-kit';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
let system: TestSystem;
let folder: string;

beforeAll(async () => {
  system = await startSystem();
  folder = mkdtempSync(join(tmpdir(), 'postrider-tour-'));
  // A newcomer's shell stands in the clone; here in a folder that looks like it, so that the files it writes stay out.
  for (const name of ['scripts', 'examples', 'node_modules'])
    symlinkSync(join(root, name), join(folder, name));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system.stop();
});

function tourCommands(): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const tour = text.slice(text.indexOf('<!-- tour:begin -->'), text.indexOf('<!-- tour:end -->'));
  return [...tour.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1]).join('\n');
}

test("the README's tour works as it stands there", async () => {
  writeFileSync(
    join(folder, 'local.json'),
    JSON.stringify({
      ApiUrl: system.apiUrl,
      IngestUrl: system.ingestUrl,
      NatsUrl: system.nats.urlFor('publisher'),
      AdminApiKey: system.adminApiKey,
    }),
  );
  const commands = tourCommands();
  expect(commands).toContain('examples/publish.mjs');
  // What a person does between the steps: wait until the receiver listens, and until both events are there.
  const waitFor = (pattern: string, count: number) =>
    `for i in $(seq 100); do [ "$(grep -c '${pattern}' receiver.log)" -ge ${count} ] && break; sleep 0.1; done`;
  const script = [
    'set -eu',
    "trap 'kill $RECEIVER 2>/dev/null || true' EXIT",
    commands
      .replace(
        'node examples/receiver.mjs &',
        `node examples/receiver.mjs > receiver.log 2>&1 & RECEIVER=$!\n${waitFor('receiving on', 1)}`,
      )
      .replace('curl -sS "$API/v1/organizations/$ORG/deliveries?EventId', `${waitFor('^verified', 2)}\n$&`),
    waitFor('^verified', 3),
    'echo; cat receiver.log',
  ].join('\n');
  const { stdout } = await run('bash', ['-c', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], POSTRIDER_LOCAL_FILE: join(folder, 'local.json') },
    timeout: 60_000,
  });
  expect(stdout.match(/^verified job\.execution\.failed/gm)).toHaveLength(3);
  expect(stdout).toContain('verified job.execution.failed evt_tour (again: dropped)');
  expect(stdout).toContain('"Status":"Succeeded"');
  expect(stdout).not.toContain('refused');
});
