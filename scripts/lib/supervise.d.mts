import type { ChildProcess } from 'node:child_process';

export declare function restartDelayMs(deaths: number, ranMs: number): number;

export interface SupervisedOptions {
  readonly name: string;
  readonly logFile: string;
  readonly launch: () => { child: ChildProcess; ready: Promise<unknown> };
  readonly end: (pid: number) => Promise<void>;
  readonly onChange?: () => void;
}

export declare class Supervised {
  constructor(options: SupervisedOptions);
  readonly pids: readonly number[];
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}
