// Keeps a service's copy of the configuration in step: all of it from PostgreSQL at boot, each change live over NATS,
// and what was missed again from PostgreSQL after a reconnect and every now and then (docs/adr/0003).
import type { ConfigurationEntry } from '@postrider/contracts';
import { followConfiguration } from './configuration-feed.js';
import type { Messaging } from './connection.js';

export interface ConfigurationFollowerOptions {
  readonly messaging: Messaging;
  /** Entries changed at or after this time of the database's clock (0: all). */
  readonly load: (sinceMs: number) => Promise<ConfigurationEntry[]>;
  /** Epoch ms by the database's clock. */
  readonly databaseNow: () => number;
  /** Takes an entry in; keeps the one with the highest Version. */
  readonly apply: (entry: ConfigurationEntry) => void;
  readonly onError: (what: string, error: unknown) => void;
}

const catchUpMs = 30_000;
/** A transaction may commit this much later than its `updated_at` says. */
const overlapMs = 60_000;
const retryMs = 1_000;

export class ConfigurationFollower {
  private loadedAtMs: number | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private busy = false;

  constructor(private readonly options: ConfigurationFollowerOptions) {}

  /** Whether everything has been read once. */
  get isLoaded(): boolean {
    return this.loadedAtMs !== null;
  }

  /** Resolves once everything has been read; tries until the database answers. */
  async start(): Promise<void> {
    followConfiguration(this.options.messaging, this.options.apply, (key) =>
      this.options.onError(`an entry of the configuration does not parse: ${key}`, null),
    );
    while (!this.stopped && !(await this.catchUp()))
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    this.options.messaging.onConnected(() => void this.catchUp());
    this.timer = setInterval(() => void this.catchUp(), catchUpMs);
    this.timer.unref();
  }

  private async catchUp(): Promise<boolean> {
    if (this.busy) return true;
    this.busy = true;
    try {
      const startedMs = this.options.databaseNow();
      const sinceMs = this.loadedAtMs === null ? 0 : this.loadedAtMs - overlapMs;
      for (const entry of await this.options.load(sinceMs)) this.options.apply(entry);
      this.loadedAtMs = startedMs;
      return true;
    } catch (error) {
      this.options.onError('the configuration could not be read', error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
  }
}
