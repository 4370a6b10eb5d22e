// What the command line says when something is wrong: `postrider doctor`, and errors that name the next step.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSystem, temporaryFolder, type TestSystem } from '@postrider/test-kit';
import { Customer } from './support/client.js';
import { startCli } from './support/run-cli.js';

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem();
}, 120_000);
afterAll(() => system.stop());

describe('doctor', () => {
  /** As beside `npm start`. */
  const localFolder = (changes: object = {}): string => {
    const folder = temporaryFolder('doctor');
    mkdirSync(join(folder, '.postrider'));
    const urls = {
      ConfigApi: 'config-api',
      EventIngest: 'event-ingest',
      Dispatcher: 'dispatcher',
      Signer: 'signer',
    } as const;
    const local = {
      ApiUrl: system.apiUrl,
      IngestUrl: system.ingestUrl,
      NatsUrl: system.nats.urlFor('publisher'),
      DatabaseUrl: system.database.adminUrl,
      AdminApiKey: system.adminApiKey,
      HealthUrls: Object.fromEntries(
        Object.entries(urls).map(([key, name]) => [key, `${system.service(name).url}/health/ready`]),
      ),
      ...changes,
    };
    writeFileSync(join(folder, '.postrider', 'local.json'), JSON.stringify(local));
    return folder;
  };
  const doctor = async (cwd: string) => {
    const { code, stdout, stderr } = await startCli(['--json', 'doctor'], { cwd }).ended;
    expect(stderr).toBe('');
    const report = JSON.parse(stdout) as {
      Well: boolean;
      Findings: { Part: string; Result: string; Detail: string; Remedy: string | null }[];
    };
    return { code, ...report, wrong: report.Findings.filter(({ Result }) => Result === 'wrong') };
  };

  test('finds a healthy installation well, a delivery included', async () => {
    const report = await doctor(localFolder());
    expect(report).toMatchObject({ code: 0, Well: true, wrong: [] });
    const parts = report.Findings.filter(({ Result }) => Result === 'ok').map(({ Part }) => Part);
    for (const part of [
      'config-api',
      'event-ingest',
      'dispatcher',
      'signer',
      'versions',
      'database',
      'schema',
      'partitions',
      'backlog',
      'nats',
      'key',
      'delivery',
    ]) {
      expect(parts).toContain(part);
    }
  }, 60_000);

  test('asks config-api about services whose addresses it does not know', async () => {
    const env = { POSTRIDER_API_URL: system.apiUrl, POSTRIDER_API_KEY: system.adminApiKey };
    const { stdout } = await startCli(['--json', 'doctor', '--no-delivery'], { env }).ended;
    const { Findings } = JSON.parse(stdout) as {
      Findings: { Part: string; Result: string; Detail: string }[];
    };
    for (const part of ['event-ingest', 'dispatcher', 'signer']) {
      expect(Findings.find(({ Part }) => Part === part)).toMatchObject({
        Result: 'ok',
        Detail: expect.stringContaining('as config-api sees it'),
      });
    }
  }, 60_000);

  test('names what is wrong, and what to do', async () => {
    const refused = await doctor(
      localFolder({
        AdminApiKey: 'no-such-key',
        NatsUrl: system.nats.urlFor('publisher').replace(/:[^:@/]*@/, ':wrong@'),
      }),
    );
    expect(refused.code).toBe(1);
    expect(refused.wrong).toMatchObject([
      {
        Part: 'nats',
        Detail: expect.stringMatching(/authorization/i),
        Remedy: expect.stringContaining('password'),
      },
      {
        Part: 'key',
        Detail: expect.stringContaining('refused'),
        Remedy: expect.stringContaining('POSTRIDER_API_KEY'),
      },
    ]);
    await system.service('signer').kill('SIGSTOP');
    try {
      const hanging = await doctor(localFolder({ DatabaseUrl: 'postgres://postgres:x@127.0.0.1:9/nothing' }));
      expect(hanging.wrong).toMatchObject([
        { Part: 'signer', Detail: expect.stringContaining('no answer'), Remedy: expect.any(String) },
        { Part: 'database', Detail: expect.stringContaining('ECONNREFUSED'), Remedy: expect.any(String) },
        { Part: 'delivery' },
      ]);
    } finally {
      await system.service('signer').kill('SIGCONT');
    }
  }, 120_000);
});

test('without a key, an organization or a system, errors say what to do next', async () => {
  const { organizationId } = await Customer.signUp(system);
  const environment = {
    POSTRIDER_API_URL: system.apiUrl,
    POSTRIDER_API_KEY: system.adminApiKey,
    POSTRIDER_ORGANIZATION: organizationId,
  };
  const { POSTRIDER_API_KEY: _, ...noKey } = environment;
  expect((await startCli(['webhooks'], { env: noKey }).ended).stderr).toContain('Set POSTRIDER_API_KEY');
  const away = { ...environment, POSTRIDER_API_URL: 'http://127.0.0.1:9' };
  expect((await startCli(['webhooks'], { env: away }).ended).stderr).toMatch(
    /no answer from .*\n.*npm start.*doctor/s,
  );
  await Customer.signUp(system, 'Another');
  const { POSTRIDER_ORGANIZATION: _none, ...several } = environment;
  expect((await startCli(['webhooks'], { env: several }).ended).stderr).toContain('--organization <id>');
  const forbidden = await startCli(['--json', 'webhooks', 'create', 'http://169.254.169.254/'], {
    env: environment,
  }).ended;
  expect(JSON.parse(forbidden.stderr)).toMatchObject({
    Error: { Code: 'url_forbidden', Status: 422, Hint: expect.stringContaining('public https') },
  });
}, 60_000);
