// Processes by their number: who they are, whether they live, how they end.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError, say } from './say.mjs';

export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition()` is truthy and returns its value; undefined when the time is up. */
export async function until(condition, timeoutMs, intervalMs = 20) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() >= deadline) return undefined;
    await delay(intervalMs);
  }
}

/**
 * Who runs under this number: its command line and the moment it began (numbers are used again, moments are not).
 * null when nobody does; a zombie is nobody.
 */
export function identify(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie whose other threads still run down holds its ports and files yet.
      const isOver = fields[0] === 'X' || (fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1);
      if (isOver) return null;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return { pid, startedAt: fields[19], command };
    } catch {
      return null;
    }
  }
  const ps = spawnSync('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  const match = /^(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/s.exec((ps.stdout ?? '').trim());
  if (!match || match[1].startsWith('Z')) return null;
  return { pid, startedAt: match[2], command: match[3] };
}

export const isAlive = (pid) => identify(pid) !== null;

/** Sends a signal; a process that is gone already is fine. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Asks a process to end, insists after `graceMs`, and returns once it is gone. Safe against a reused number. */
export async function endProcess(pid, { ask = 'SIGTERM', graceMs, insist = 'SIGKILL' }) {
  const who = identify(pid);
  if (!who) return;
  const gone = () => identify(pid)?.startedAt !== who.startedAt;
  signal(pid, ask);
  if (await until(gone, graceMs)) return;
  if (!gone()) signal(pid, insist);
  if (await until(gone, 3_000)) return;
  if (!gone()) signal(pid, 'SIGKILL');
  await until(gone, 3_000);
}

/** A log file to hand to a child; the one of the run before is kept beside it as `.1`. */
export function openLog(file, { rotate }) {
  mkdirSync(dirname(file), { recursive: true });
  if (rotate) {
    try {
      renameSync(file, `${file}.1`);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return openSync(file, 'a', 0o600);
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`);
  } catch {
    return [];
  }
}

/** The last lines of a log, for a message; empty when there is none. */
export const tailOf = (file, lines = 15) => linesOf(file).slice(-lines).join('\n');

/** The first ones: npm says what is wrong before it explains itself at length. */
export const headOf = (file, lines = 15) => linesOf(file).slice(0, lines).join('\n');

const running = new Set();
let isEnding = false;

/** Ends commands that are under way (Ctrl-C during an installation) and starts no further ones. */
export async function endCommands() {
  isEnding = true;
  for (const child of running) child.kill('SIGTERM');
  if (await until(() => running.size === 0, 3_000)) return;
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Runs a command to its end with the output in a log file, saying every few seconds that it still goes on.
 * Throws a UserError with an excerpt of the log (its end, unless told) when it fails.
 */
export async function runLogged(title, command, args, { logFile, progress, excerpt = tailOf, ...options }) {
  if (isEnding) throw new UserError(`${title} was not begun: stopping.`);
  const log = openLog(logFile, { rotate: true });
  const begunAt = performance.now();
  const seconds = () => Math.round((performance.now() - begunAt) / 1000);
  const ticker = setInterval(
    () => say(`… ${title}: ${seconds()} s${progress ? `, ${progress()}` : ''}`),
    5_000,
  );
  try {
    const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
    running.add(child);
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode, exitSignal) => resolve(exitCode ?? exitSignal));
    }).finally(() => running.delete(child));
    if (code !== 0) {
      throw new UserError(
        `${title} failed (${command} ${args.join(' ')}: ${code}).\n${excerpt(logFile, 40)}\nAll of it: ${logFile}`,
      );
    }
  } finally {
    clearInterval(ticker);
    closeSync(log);
  }
}
