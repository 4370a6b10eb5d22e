// Gathers what is to be written and writes it in batches: at once after a quiet moment, else up to a size or an age, since
// a statement costs the database as much for one row as for dozens. Tries again until the database takes it: what is in
// memory here is the only record of what has happened.
export interface BatcherOptions<T> {
  readonly maxBatch: number;
  readonly maxAgeMs: number;
  /** Batches that are written at the same time. */
  readonly parallel: number;
  readonly write: (batch: readonly T[]) => Promise<void>;
  readonly onError: (error: unknown, rows: number) => void;
  /** Two rows with the same key never stand in one batch. */
  readonly keyOf?: (row: T) => string;
}

const retryAfterMs = 500;

export class Batcher<T> {
  private rows: T[] = [];
  private writing = 0;
  private rowsBeingWritten = 0;
  private scheduled = false;
  private timer: NodeJS.Timeout | null = null;
  private lastFlushMs = -Infinity;
  private idleWaiters: (() => void)[] = [];
  private failing = false;

  constructor(private readonly options: BatcherOptions<T>) {}

  add(row: T): void {
    this.rows.push(row);
    this.schedule();
  }

  /** Rows that are not yet written. */
  get pending(): number {
    return this.rows.length + this.rowsBeingWritten;
  }

  /** Whether the last write failed: the database is away. */
  get isFailing(): boolean {
    return this.failing;
  }

  private schedule(): void {
    if (this.writing >= this.options.parallel) return;
    if (this.rows.length >= this.options.maxBatch) {
      this.flush();
    } else if (this.timer === null && !this.scheduled) {
      const waitMs = this.lastFlushMs + this.options.maxAgeMs - performance.now();
      if (this.writing > 0) this.timer = setTimeout(() => this.flush(), this.options.maxAgeMs);
      else if (waitMs > 0) this.timer = setTimeout(() => this.flush(), waitMs);
      else this.flushSoon();
    }
  }

  /** With what else comes in this turn. */
  private flushSoon(): void {
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.rows.length === 0 || this.writing >= this.options.parallel) return;
    this.lastFlushMs = performance.now();
    void this.write(this.takeBatch());
  }

  private takeBatch(): T[] {
    const { keyOf, maxBatch } = this.options;
    if (keyOf === undefined) return this.rows.splice(0, maxBatch);
    const seen = new Set<string>();
    const batch: T[] = [];
    const later: T[] = [];
    for (const row of this.rows) {
      const key = keyOf(row);
      if (batch.length < maxBatch && !seen.has(key)) {
        seen.add(key);
        batch.push(row);
      } else later.push(row);
    }
    this.rows = later;
    return batch;
  }

  private async write(batch: readonly T[]): Promise<void> {
    this.writing += 1;
    this.rowsBeingWritten += batch.length;
    for (;;) {
      try {
        await this.options.write(batch);
        this.failing = false;
        break;
      } catch (error) {
        this.failing = true;
        this.options.onError(error, batch.length);
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
      }
    }
    this.writing -= 1;
    this.rowsBeingWritten -= batch.length;
    if (this.rows.length > 0) this.schedule();
    else if (this.writing === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Resolves once everything is written. */
  async drained(): Promise<void> {
    if (this.pending === 0) return;
    await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }
}
