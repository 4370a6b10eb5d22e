// Looks for what is due whenever there is room to begin it. Being woken makes it quicker; it never needs to be.
import { isDatabaseAway } from '@postrider/database';

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
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private wokenWhileRunning = false;
  private stopped = true;

  constructor(private readonly options: ClaimerOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Something is due now. */
  wake(): void {
    if (this.running !== null) this.wokenWhileRunning = true;
    else this.schedule(0);
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.running = this.run().finally(() => {
        this.running = null;
      });
    }, delayMs);
  }

  private async run(): Promise<void> {
    let delayMs = idleMs;
    try {
      if (this.options.hasRoom()) {
        const { claimed, more } = await this.options.claim();
        if (more) delayMs = claimed >= worthwhile ? 0 : busyMs;
      } else delayMs = busyMs;
    } catch (error) {
      this.options.onError(error);
      delayMs = isDatabaseAway(error) ? awayMs : idleMs;
    }
    if (this.wokenWhileRunning) delayMs = 0;
    this.wokenWhileRunning = false;
    this.schedule(delayMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }
}
