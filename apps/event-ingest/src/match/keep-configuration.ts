// Keeps the copy true: all of it from PostgreSQL at the start, each change as config-api announces it, and what was
// missed from PostgreSQL again, after a reconnect and every 30 s.
import type { ConfigurationEntry } from '@postrider/contracts';
import type { ConfigurationCopy } from './configuration-copy.js';

const catchUpEveryMs = 30_000;
/** A transaction may commit later than the `updated_at` that it writes says. */
const overlapMs = 60_000;
const pauseAfterFailureMs = 500;
/** What PostgreSQL did not know is not asked for again so soon: somebody may publish to nowhere all day. */
const missesKeptMs = 1_000;
const maxMisses = 10_000;

export interface ConfigurationSource {
  /** Entries changed since then, by the database's clock; 0: all that there are. */
  load(sinceMs: number): Promise<readonly ConfigurationEntry[]>;
  /** Epoch ms by the database's clock; throws while the database is away. */
  databaseNowMs(): Promise<number>;
}

export class ConfigurationKeeper {
  private caughtUpToMs: number | null = null;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private readonly misses = new Map<string, number>();

  constructor(
    private readonly source: ConfigurationSource,
    readonly copy: ConfigurationCopy,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Whether all of the configuration has been read once: before that nothing can be matched. */
  get isLoaded(): boolean {
    return this.caughtUpToMs !== null;
  }

  /** Resolves when the configuration is loaded, however long PostgreSQL is away (or when stopped before that). */
  async start(): Promise<void> {
    while (!this.stopped && !this.isLoaded) {
      try {
        await this.catchUp();
      } catch (error) {
        this.onError(error);
        await new Promise((resolve) => setTimeout(resolve, pauseAfterFailureMs));
      }
    }
    if (this.stopped) return;
    this.timer = setInterval(() => void this.catchUp().catch(this.onError), catchUpEveryMs);
    this.timer.unref();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Reads what has changed. Resolves after a reading that began after this call, so that it holds what was committed before. */
  catchUp(): Promise<void> {
    if (this.running === null) return this.run();
    this.next ??= this.running.catch(() => undefined).then(() => this.run());
    return this.next;
  }

  private run(): Promise<void> {
    this.next = null;
    this.running = this.read().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async read(): Promise<void> {
    const nowMs = await this.source.databaseNowMs();
    const sinceMs = this.caughtUpToMs === null ? 0 : Math.max(1, this.caughtUpToMs - overlapMs);
    for (const entry of await this.source.load(sinceMs)) this.copy.apply(entry);
    this.caughtUpToMs = Math.max(this.caughtUpToMs ?? 0, nowMs);
    this.copy.forgetTombstones(Date.now());
  }

  /**
   * The copy may be milliseconds behind: before somebody is told that there is no such organization or topic,
   * PostgreSQL is asked. Afterwards the copy holds what there is of `names`; throws while PostgreSQL is away.
   */
  async askAgain(names: readonly string[]): Promise<void> {
    const nowMs = Date.now();
    if (names.every((name) => (this.misses.get(name) ?? 0) > nowMs)) return;
    await this.catchUp();
    if (this.misses.size + names.length > maxMisses) this.misses.clear();
    for (const name of names) this.misses.set(name, Date.now() + missesKeptMs);
  }
}
