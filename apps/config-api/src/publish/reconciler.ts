import { Inject, Injectable } from '@nestjs/common';
import {
  configurationKey,
  noticeSubjects,
  WebhookNotice,
  type ConfigurationEntry,
} from '@postrider/contracts';
import { loadConfiguration } from '@postrider/database';
import { ConfigurationBucket, Messaging } from '@postrider/messaging';
import { Pool } from 'pg';
import { LOGGER, type Logger } from '../tokens.js';
import { ConfigurationPublisher } from './configuration.publisher.js';

const intervalMs = 30_000;
/** A transaction may commit later than its `updated_at` says. */
const overlapMs = 60_000;
/** Everything is compared at the start, after each reconnect, where the bucket has lost entries, and every so often. */
const fullEveryMs = 3_600_000;
/** By then every service has heard of a deletion. */
const tombstoneMs = 24 * 3_600_000;

/** Keeps the bucket like PostgreSQL: what a publication missed is made up for here. */
@Injectable()
export class Reconciler {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;
  private fullIsDue = true;
  private lastFullMs = 0;
  private comparedUpToMs = 0;

  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(ConfigurationBucket) private readonly bucket: ConfigurationBucket,
    @Inject(ConfigurationPublisher) private readonly publisher: ConfigurationPublisher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.messaging.onConnected(() => {
      this.compareAllNext();
      void this.run();
    });
    this.messaging.subscribe(noticeSubjects.webhookDisabled, (message) => {
      const notice = WebhookNotice.safeParse(parseJson(message.data));
      if (notice.success) {
        void this.publisher.publishWebhook(notice.data.OrganizationId, notice.data.WebhookId);
      }
    });
    this.timer = setInterval(() => void this.run(), intervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  /** The next comparison is of everything, not only of what has changed. */
  compareAllNext(): void {
    this.fullIsDue = true;
  }

  /** One comparison; never fails, and never runs twice at a time. */
  run(): Promise<void> {
    this.running ??= this.reconcile().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async reconcile(): Promise<void> {
    if (this.stopped || !this.messaging.isConnected) return;
    try {
      const full =
        this.fullIsDue || Date.now() - this.lastFullMs > fullEveryMs || (await this.hasLostEntries());
      this.fullIsDue = false;
      const put = full ? await this.compareAll() : await this.compareChanged();
      if (put > 0) this.logger.info({ full, put }, 'configuration.reconciled');
    } catch (error) {
      this.fullIsDue = true;
      this.logger.warn({ error }, 'configuration.reconciliation.failed');
    }
  }

  private async hasLostEntries(): Promise<boolean> {
    return (await this.bucket.size()) < this.publisher.versions.size;
  }

  private async compareChanged(): Promise<number> {
    return this.putNewer(await this.load(Math.max(1, this.comparedUpToMs - overlapMs)));
  }

  private async compareAll(): Promise<number> {
    // The bucket first: whatever stands there was committed by the time PostgreSQL is read.
    const versions = await this.bucket.versions();
    // From 1 on rather than 0: deleted webhooks too.
    const entries = await this.load(1);
    const kept = entries.filter((entry) => !isOldTombstone(entry));
    this.publisher.versions.clear();
    for (const [key, version] of versions) this.publisher.versions.set(key, version);
    const put = await this.putNewer(kept);
    const known = new Set(kept.map(configurationKey));
    for (const key of versions.keys()) {
      if (known.has(key)) continue;
      await this.bucket.purge(key);
      this.publisher.versions.delete(key);
    }
    this.lastFullMs = Date.now();
    return put;
  }

  /** What has changed since `sinceMs` by the database's clock; remembers how far that goes. */
  private async load(sinceMs: number): Promise<ConfigurationEntry[]> {
    const now = await this.pool.query<{ ms: number }>('SELECT now_ms() AS ms');
    const entries = await loadConfiguration(this.pool, sinceMs);
    this.comparedUpToMs = now.rows[0]?.ms ?? this.comparedUpToMs;
    return entries;
  }

  private async putNewer(entries: readonly ConfigurationEntry[]): Promise<number> {
    let put = 0;
    for (const entry of entries) {
      if (this.stopped) break;
      if ((this.publisher.versions.get(configurationKey(entry)) ?? -1) >= entry.value.Version) continue;
      await this.publisher.put(entry);
      put += 1;
    }
    return put;
  }
}

/** Only webhooks tell when they were deleted; organizations leave PostgreSQL within a day, topics are few. */
function isOldTombstone(entry: ConfigurationEntry): boolean {
  return entry.kind === 'webhook' && entry.value.Deleted && entry.value.UpdatedAt < Date.now() - tombstoneMs;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
