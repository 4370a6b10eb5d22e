// Looks for what is due whenever there is room to begin it. Being woken makes it quicker; it never needs to be.
import { isDatabaseAway } from '@postrider/database';
import { Rounds } from '../rounds.js';

export interface ClaimerOptions {
  /** Claims once; answers how many deliveries it brought, and whether there may be more at once. */
  readonly claim: () => Promise<{ readonly claimed: number; readonly more: boolean }>;
  readonly hasRoom: () => boolean;
  readonly onError: (error: unknown) => void;
}

const idleMs = 250;
const busyMs = 20;
/** Fewer are claimed where receivers are slow: there is no hurry to look again. */
const worthwhile = 50;
const awayMs = 1_000;

export class Claimer {
  private readonly rounds = new Rounds(() => this.round());

  constructor(private readonly options: ClaimerOptions) {}

  start(): void {
    this.rounds.start();
  }

  /** Something is due now. */
  wake(): void {
    this.rounds.wake();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(): Promise<number> {
    try {
      if (!this.options.hasRoom()) return busyMs;
      const { claimed, more } = await this.options.claim();
      if (!more) return idleMs;
      return claimed >= worthwhile ? 0 : busyMs;
    } catch (error) {
      this.options.onError(error);
      return isDatabaseAway(error) ? awayMs : idleMs;
    }
  }
}
