// One service of a test system: the real program, as a process that can be killed for real.
import type { ChildProcess } from 'node:child_process';
import {
  endProcess,
  isAlive,
  launchService,
  tailOf,
  type ServiceDescription,
} from '../../../scripts/lib/for-tests.mjs';
import { keep } from './keeper.js';

export type Variables = Readonly<Record<string, string | undefined>>;

const stopGraceMs = 20_000;
const startLimitMs = 60_000;

export class ServiceProcess {
  private child: ChildProcess | undefined;
  private address = '';
  private variables: Variables;

  constructor(
    private readonly description: ServiceDescription,
    variables: Variables,
    private readonly logFile: string,
  ) {
    this.variables = variables;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Where it listens; the same after a restart. */
  get url(): string {
    return this.address;
  }

  get isAlive(): boolean {
    return isAlive(this.pid);
  }

  /** Starts it and waits until it is ready. `changes` to its environment stay. */
  async start(changes: Variables = {}): Promise<void> {
    this.variables = { ...this.variables, ...changes };
    const { child, ready } = launchService(this.description, this.variables, this.logFile);
    this.child = child;
    keep(child);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const fail = (): void => reject(new Error(`${this.description.name} is not ready:\n${this.log()}`));
      timer = setTimeout(fail, startLimitMs);
    });
    this.address = await Promise.race([ready, tooLate]).finally(() => clearTimeout(timer));
    this.variables = { ...this.variables, [this.description.portVariable]: new URL(this.address).port };
  }

  /** Sends a signal, kill -9 unless told; after one that ends it, resolves once it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT') {
      await endProcess(this.pid, { ask: signal, graceMs: stopGraceMs });
    } else {
      process.kill(this.pid, signal);
    }
  }

  /** Lets it drain and end (SIGTERM). */
  async stop(): Promise<void> {
    if (this.isAlive) await this.kill('SIGTERM');
  }

  /** Starts it again on its port, after a drain where it still runs. */
  async restart(changes: Variables = {}): Promise<void> {
    await this.stop();
    await this.start(changes);
  }

  /** The end of what it wrote. */
  log(lines = 40): string {
    return tailOf(this.logFile, lines);
  }
}
