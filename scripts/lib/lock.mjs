// One start per clone. The lock names the process that holds it, so a lock left by a crash is seen for what it is.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identify } from './process.mjs';
import { stateDir } from './paths.mjs';
import { UserError } from './say.mjs';

function holderOf(file) {
  try {
    const { Pid, StartedAt } = JSON.parse(readFileSync(file, 'utf8'));
    return identify(Pid)?.startedAt === StartedAt ? Pid : null;
  } catch {
    return null;
  }
}

/**
 * Takes the lock, or throws a UserError that names who has it. Returns the function that gives it back.
 * `link` makes it appear with its content at once; a stale one is moved away by name, which only one can win.
 */
export function takeLock(file = join(stateDir, 'start.lock')) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ Pid: process.pid, StartedAt: identify(process.pid)?.startedAt }), {
    mode: 0o600,
  });
  try {
    for (;;) {
      try {
        linkSync(draft, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder !== null)
        throw new UserError(
          `Postrider is already running from this clone (process ${holder}). Stop it with Ctrl-C there, or: kill ${holder}`,
        );
      moveAside(file);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function moveAside(file) {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    // Between the look and the move another start may have taken the lock: then it gets it back.
    if (holderOf(aside) !== null) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
