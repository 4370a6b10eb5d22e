// The programs in docs/receivers, run where their interpreter is there.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hubHeaders, otherSecret, secret, standardHeaders } from './support/sign.js';

const scratch = mkdtempSync(join(tmpdir(), 'postrider-verify-'));
const hasGo = isThere('go', 'version');
const programs: Record<string, [string, ...string[]]> = {
  python: ['python3', 'verify.py'],
  go: [join(scratch, 'verify-go')],
  ruby: ['ruby', 'verify.rb'],
  php: ['php', 'verify.php'],
  shell: ['bash', 'verify.sh'],
};
const cwd = fileURLToPath(new URL('../../../docs/receivers/', import.meta.url));
const body = '{"Id":"evt_1","Data":{"Text":"zażółć 🚀"}}';

function isThere(command: string, versionFlag = '--version'): boolean {
  return spawnSync(command, [versionFlag]).status === 0;
}

// Once, for the first time compiles Go's library too.
beforeAll(() => {
  if (!hasGo) return;
  const env = { ...process.env, GO111MODULE: 'off' };
  execFileSync('go', ['build', '-o', join(scratch, 'verify-go'), 'verify.go'], { cwd, env });
}, 300_000);
afterAll(() => rmSync(scratch, { recursive: true }));

describe.each(Object.entries(programs))('%s', (language, [command, ...args]) => {
  const verdict = (headers: Record<string, string>, input = body, key = secret): string =>
    run(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name] ?? ''),
      input,
      key,
    );
  const run = (values: string[], input: string, key: string): string => {
    const env = { ...process.env, SIGNING_SECRET: key };
    const { stdout, status } = spawnSync(command, [...args, ...values], {
      cwd,
      input,
      env,
      encoding: 'utf8',
    });
    return `${stdout.trim()} ${status}`;
  };
  ((language === 'go' ? hasGo : isThere(command)) ? test : test.skip)(
    'tells right from wrong',
    () => {
      const good = standardHeaders(body, [otherSecret, secret], Date.now());
      expect(verdict(good)).toBe('verified 0');
      expect(verdict(good, `${body} `)).toBe('NOT VERIFIED 1');
      expect(verdict(good, body, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')).toBe(
        'NOT VERIFIED 1',
      );
      expect(verdict(standardHeaders(body, [secret], Date.now() - 400_000))).toBe('NOT VERIFIED 1');
      expect(verdict({ ...good, 'webhook-id': 'evt_2' })).toBe('NOT VERIFIED 1');
      const hub = ['--hub', hubHeaders(body, secret)['x-hub-signature'] ?? ''];
      expect(run(hub, body, secret)).toBe('verified 0');
      expect(run(hub, `${body} `, secret)).toBe('NOT VERIFIED 1');
      expect(run(hub, body, otherSecret)).toBe('NOT VERIFIED 1');
    },
    60_000,
  );
});
