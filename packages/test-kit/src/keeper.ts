// Nothing that a test started outlives it. A small shell process holds the list of what there is; when the test's process
// ends, however it ends, the pipe between them closes and the shell ends what is left, gently at first.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const undertaker = `
pids=" "; folders=""
while read -r what which; do
  case $what in
    started) pids="$pids$which ";;
    ended) pids="\${pids%% $which *} \${pids#* $which }";;
    folder) folders="$folders $which";;
  esac
done
for pid in $pids; do kill "$pid" 2>/dev/null; done
tries=0
while [ $tries -lt 150 ] && left=$(for pid in $pids; do kill -0 "$pid" 2>/dev/null && echo "$pid"; done; true) && [ -n "$left" ]; do
  tries=$((tries + 1)); sleep 0.1
done
for pid in $left; do kill -9 "$pid" 2>/dev/null; done
for folder in $folders; do rm -rf "$folder" 2>/dev/null || { sleep 1; rm -rf "$folder"; }; done
`;

let list: Writable | undefined;

function note(line: string): void {
  if (list === undefined) {
    const shell = spawn('sh', ['-c', undertaker], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell.unref();
    list = shell.stdin;
    list.on('error', () => undefined);
    // Neither the shell nor the pipe may keep a test run from ending.
    (list as Writable & { unref?: () => void }).unref?.();
  }
  list.write(`${line}\n`);
}

/** Sees to it that a process is gone when this one is. */
export function keep(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  note(`started ${pid}`);
  child.once('exit', () => note(`ended ${pid}`));
}

/** A folder that is removed when this process has ended. Others may look into it: PostgreSQL runs under its own account. */
export function temporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `postrider-${purpose}-`));
  chmodSync(folder, 0o755);
  note(`folder ${folder}`);
  return folder;
}
