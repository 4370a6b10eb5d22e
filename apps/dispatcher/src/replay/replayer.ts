// Keeps replays going: every dispatcher does, each replay is one's at a time, and what one leaves the next takes up.
import type { Pool } from 'pg';
import { dropCancelled, findRunningReplays, finishReplay, type RunningReplay } from './finish-replay.js';
import { failUnsendable, releaseReplay } from './release-replay.js';

export interface ReplayerOptions {
  readonly pool: Pool;
  /** There is something due. */
  readonly wake: () => void;
  readonly onError: (error: unknown) => void;
}

const idleMs = 1_000;
const busyMs = 200;

export class Replayer {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = true;

  constructor(private readonly options: ReplayerOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => {
        this.running = null;
      });
    }, delayMs);
  }

  private async run(): Promise<void> {
    let delayMs = idleMs;
    try {
      if ((await this.round()) > 0) delayMs = busyMs;
    } catch (error) {
      this.options.onError(error);
    }
    this.schedule(delayMs);
  }

  /** Takes every replay that runs a step further; answers how many there are. */
  async round(): Promise<number> {
    const replays = await findRunningReplays(this.options.pool);
    for (const replay of replays) await this.step(replay);
    return replays.length;
  }

  private async step({ id, cancelled }: RunningReplay): Promise<void> {
    const { pool } = this.options;
    if (cancelled) await dropCancelled(pool, id);
    else {
      await failUnsendable(pool, id);
      if ((await releaseReplay(pool, id)) > 0) this.options.wake();
    }
    await finishReplay(pool, id);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }
}
