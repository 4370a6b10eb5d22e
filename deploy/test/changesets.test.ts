// Changesets become a version and its part of CHANGELOG.md, without network, git or a remote.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { read, root } from './support.js';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}
interface Lock {
  readonly version: string;
  readonly packages: Readonly<
    Record<string, Manifest & { readonly link?: boolean; readonly resolved?: string }>
  >;
}

const lock = JSON.parse(read('package-lock.json')) as Lock;
const workspaces = Object.values(lock.packages).flatMap(({ link, resolved }) =>
  link === true && resolved !== undefined ? [resolved] : [],
);

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'postrider-version-'));
  const files = [
    'package.json',
    'package-lock.json',
    'CHANGELOG.md',
    'deploy/helm/postrider/Chart.yaml',
    '.changeset/config.json',
    '.changeset/README.md',
  ];
  for (const file of [...files, ...workspaces.map((folder) => `${folder}/package.json`)]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const inCopy = (file: string) => readFileSync(join(copy, file), 'utf8');
const changeset = (name: string, text: string) => writeFileSync(join(copy, '.changeset', `${name}.md`), text);

function makeVersion(): { status: number | null; said: string } {
  const program = join(root, 'scripts', 'make-version.mjs');
  // No PATH: whoever calls git or npm fails.
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, copy], {
    env: { PATH: '' },
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

test('what waits in .changeset can be read', () => {
  // A run over the project's own, should there be any.
  for (const name of readdirSync(join(root, '.changeset')).filter((one) => /^(?!README).*\.md$/.test(one)))
    cpSync(join(root, '.changeset', name), join(copy, '.changeset', name));
  expect(makeVersion()).toMatchObject({ status: 0 });
});

test('changesets raise the version of all packages together, and are told in the changelog', () => {
  const before = JSON.parse(inCopy('package.json')) as Manifest;
  changeset('quick-otters', "---\n'@postrider/dispatcher': minor\n---\n\nWebhooks may be told to wait.\n");
  changeset(
    'calm-owls',
    "---\n'@postrider/cli': patch\n---\n\n`doctor` sees a clock that is off.\n\nOn Linux.\n",
  );
  expect(makeVersion()).toMatchObject({ status: 0 });
  const [major = 0, minor = 0] = before.version.split('.').map(Number);
  const version = `${major}.${minor + 1}.0`;
  for (const folder of ['.', ...workspaces]) {
    const { version: own, dependencies = {} } = JSON.parse(inCopy(`${folder}/package.json`)) as Manifest;
    expect({ folder, version: own }).toEqual({ folder, version });
    for (const [name, wanted] of Object.entries(dependencies))
      if (name.startsWith('@postrider/'))
        expect({ folder, name, wanted }).toEqual({ folder, name, wanted: version });
  }
  expect(inCopy('deploy/helm/postrider/Chart.yaml')).toMatch(
    new RegExp(`^version: ${version}\nappVersion: ${version}$`, 'm'),
  );
  const locked = JSON.parse(inCopy('package-lock.json')) as Lock;
  for (const folder of ['', ...workspaces]) expect(locked.packages[folder]?.version).toBe(version);
  expect(locked.packages['apps/dispatcher']?.dependencies?.['@postrider/contracts']).toBe(version);
  const changelog = inCopy('CHANGELOG.md');
  expect(changelog).toMatch(
    new RegExp(`^## Unreleased\n\n## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d\\d-\\d\\d\\)$`, 'm'),
  );
  expect(changelog).toContain('### Added\n\n- Webhooks may be told to wait.\n');
  expect(changelog).toContain('### Fixed\n\n- `doctor` sees a clock that is off.\n\n  On Linux.\n');
  expect(readdirSync(join(copy, '.changeset')).sort()).toEqual(['README.md', 'config.json']);
  // Nothing left: nothing happens.
  expect(makeVersion().said).toContain('nothing waits');
  expect(inCopy('CHANGELOG.md')).toBe(changelog);
});

test('a changeset that cannot be told is refused by name, and nothing is changed', () => {
  const before = inCopy('CHANGELOG.md');
  for (const text of [
    'no head at all',
    "---\n'@postrider/cli': huge\n---\n\nA text.\n",
    "---\n'@postrider/cli': patch\n---\n\n",
  ]) {
    changeset('odd-hens', text);
    const { status, said } = makeVersion();
    expect(status).toBe(1);
    expect(said).toContain('odd-hens.md must');
  }
  expect(inCopy('CHANGELOG.md')).toBe(before);
});
