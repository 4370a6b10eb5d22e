// Rounds of work, one at a time: each says how long to rest after it, and being woken ends a rest.

export class Rounds {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private wokenWhileRunning = false;
  private stopped = true;

  /** `round` never rejects; it resolves with the ms to rest. */
  constructor(private readonly round: () => Promise<number>) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** There is something to do now. */
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
    const delayMs = await this.round();
    this.schedule(this.wokenWhileRunning ? 0 : delayMs);
    this.wokenWhileRunning = false;
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }
}
