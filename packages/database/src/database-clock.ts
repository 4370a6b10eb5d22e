// The database's clock decides what is due. A service measures how far its own is off, instead of assuming it is not.
import type { Pool } from 'pg';

const refreshMs = 10_000;

export class DatabaseClock {
  private offsetMs = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly now: () => number = Date.now,
  ) {}

  /** Epoch ms by the database's clock, to within half a round trip of the last measurement. */
  nowMs(): number {
    return this.now() + this.offsetMs;
  }

  /** How far the database's clock is ahead of this machine's, in ms. */
  get offset(): number {
    return this.offsetMs;
  }

  /** Measures now and every 10 s; a failed measurement keeps the last offset. */
  async start(onError: (error: unknown) => void): Promise<void> {
    await this.measure();
    this.timer = setInterval(() => void this.measure().catch(onError), refreshMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  async measure(): Promise<void> {
    const before = this.now();
    const result = await this.pool.query<{ ms: number }>('SELECT now_ms() AS ms');
    const after = this.now();
    const ms = result.rows[0]?.ms;
    if (ms === undefined) return;
    const offset = ms - (before + after) / 2;
    // Differences below the round trip are noise of the measurement.
    this.offsetMs = Math.abs(offset) <= (after - before) / 2 + 1 ? 0 : Math.round(offset);
  }
}
