// Keeps replays going: every dispatcher does, each replay is one's at a time, and what one leaves the next takes up.
import type { Pool } from 'pg';
import { Rounds } from '../rounds.js';
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
  private readonly rounds = new Rounds(() => this.roundAndRest());

  constructor(private readonly options: ReplayerOptions) {}

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async roundAndRest(): Promise<number> {
    try {
      return (await this.round()) > 0 ? busyMs : idleMs;
    } catch (error) {
      this.options.onError(error);
      return idleMs;
    }
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
}
