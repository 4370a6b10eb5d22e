// CPU time and memory of processes from /proc: what the operating system counted (proc(5), "stat").
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));

interface Stat {
  readonly parent: number;
  readonly cpuMs: number;
  /** Of children that have ended and were waited for. */
  readonly endedChildrenMs: number;
  readonly rssMB: number;
}

function read(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ms = (ticks: number | undefined) => ((ticks ?? 0) * 1000) / ticksPerSecond;
    return {
      parent: fields[1] ?? 0,
      cpuMs: ms(fields[11]) + ms(fields[12]),
      endedChildrenMs: ms(fields[13]) + ms(fields[14]),
      rssMB: ((fields[21] ?? 0) * pageBytes) / 1_048_576,
    };
  } catch {
    return null;
  }
}

/** User + system, in ms. */
export function cpuMsOf(pid: number): number {
  return read(pid)?.cpuMs ?? 0;
}

/** Of a process and its children: PostgreSQL and its sessions. */
export function cpuMsWithChildren(pid: number): number {
  const own = read(pid);
  if (own === null) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => read(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return own.cpuMs + own.endedChildrenMs + children.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0);
}

export function rssMBOf(pid: number): number {
  return read(pid)?.rssMB ?? 0;
}
