// Any other system beside Postrider: a command that publishes, and the processes whose CPU counts.
import type { Contender } from './contender.js';
import { cpuMsWithChildren, rssMBOf } from './cpu.js';

export interface AgainstOptions {
  /** Gets events as lines of JSON, each with the `Url` that it has to be delivered to. */
  readonly command: string;
  readonly pids: readonly number[];
}

export function againstContender({ command, pids }: AgainstOptions, urls: readonly string[]): Contender {
  const each = (figure: (pid: number) => number) =>
    Object.fromEntries(pids.map((pid) => [`process ${pid}`, figure(pid)]));
  return {
    title: command,
    door: { kind: 'command', command, urls },
    cpuMs: () => each(cpuMsWithChildren),
    rssMB: () => each(rssMBOf),
    isIdle: async () => true,
  };
}
