// A child process that answers questions over IPC.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export class Child {
  private constructor(
    private readonly process: ChildProcess,
    readonly hello: unknown,
  ) {}

  /** Starts `<file>.js` of this folder and waits for its first message. */
  static async start(file: string, args: readonly string[] = []): Promise<Child> {
    const child = fork(join(import.meta.dirname, `${file}.js`), [...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [hello] = (await once(child, 'message')) as [unknown];
    return new Child(child, hello);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async ask<T>(question: string): Promise<T> {
    const answer = once(this.process, 'message');
    this.process.send(question);
    const [message] = (await answer) as [T];
    return message;
  }

  tell(message: string): void {
    this.process.send(message);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.kill();
    await gone;
  }
}
