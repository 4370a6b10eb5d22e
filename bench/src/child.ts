// A program of `programs/` as a process of its own, which answers questions over IPC.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { keep } from '@postrider/test-kit';

export type ProgramName = 'raw-limit' | 'receiver' | 'tls-receivers' | 'publisher' | 'peer-worker';

export class Child {
  private constructor(
    private readonly process: ChildProcess,
    readonly hello: unknown,
  ) {}

  /** Starts a program with its order, and waits for its first message. */
  static async start(program: ProgramName, order: unknown = {}): Promise<Child> {
    const child = fork(join(import.meta.dirname, 'programs', `${program}.js`), [JSON.stringify(order)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    keep(child);
    return new Child(child, await answerOf(child));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async ask<T>(question: string): Promise<T> {
    const answer = answerOf(this.process);
    this.process.send(question);
    return (await answer) as T;
  }

  /** Stops it from running, with all that it holds. */
  pause(): void {
    this.process.kill('SIGSTOP');
  }

  resume(): void {
    this.process.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.kill();
    this.resume();
    await gone;
  }
}

/** The next message; a process that ends instead is an error, not a wait for ever. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnfile} ${child.spawnargs.slice(1, 2).join(' ')} ended (${String(code)})`);
  });
  ended.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown];
    return message;
  } finally {
    over.abort();
  }
}
