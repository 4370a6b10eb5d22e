// What assembling an image takes away: packages that nothing in it needs, and nothing else.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './support.js';

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'postrider-tree-'));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function add(folder: string, manifest: Record<string, unknown> = {}): void {
  mkdirSync(join(tree, folder), { recursive: true });
  writeFileSync(join(tree, folder, 'package.json'), JSON.stringify({ name: folder, ...manifest }));
}

const all = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));

function unneeded(...roots: string[]): { found: string[]; stderr: string } {
  const door = pathToFileURL(join(root, 'deploy', 'container', 'unneeded-packages.mjs')).href;
  const program = `import { unneededPackages } from ${JSON.stringify(door)};
    const [tree, ...roots] = process.argv.slice(1);
    process.stdout.write(JSON.stringify(unneededPackages(tree, roots)));`;
  const paths = [tree, ...roots.map((folder) => join(tree, folder))];
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, ...paths], {
    env,
    encoding: 'utf8',
  });
  const found = stdout === '' ? [] : (JSON.parse(stdout) as string[]);
  return { found: found.map((path) => relative(tree, path)).sort(), stderr };
}

test('what is needed stays, wherever it lies; the rest is named', () => {
  add('packages/shared', { dependencies: all('nested') });
  add('apps/service', {
    dependencies: all('@here/shared', 'direct'),
    devDependencies: all('tester'),
    optionalDependencies: all('for-another-system'),
  });
  add('node_modules/direct', {
    peerDependencies: all('peer', 'compiler'),
    peerDependenciesMeta: { compiler: { optional: true } },
    dependencies: all('deep'),
  });
  for (const name of ['peer', 'compiler', 'tester', 'deep', 'nested', '@types/node'])
    add(`node_modules/${name}`);
  // Another version, for one package alone; and one that nobody asks for any more.
  add('node_modules/direct/node_modules/deep');
  add('packages/shared/node_modules/left');
  mkdirSync(join(tree, 'node_modules/@here'));
  symlinkSync('../../packages/shared', join(tree, 'node_modules/@here/shared'));
  symlinkSync('../../packages/gone', join(tree, 'node_modules/@here/gone'));
  expect(unneeded('apps/service')).toEqual({
    found: [
      'node_modules/@here/gone',
      'node_modules/@types/node',
      'node_modules/compiler',
      'node_modules/deep',
      'node_modules/tester',
      'packages/shared/node_modules/left',
    ],
    stderr: '',
  });
});

test('a package that is missing is an error, not an image that does not start', () => {
  add('apps/broken', { dependencies: all('nowhere') });
  expect(unneeded('apps/broken').stderr).toContain('needs nowhere, which is not installed');
});
