import { Inject, Injectable } from '@nestjs/common';
import { configurationKey, type ConfigurationEntry } from '@postrider/contracts';
import { loadWebhookConfiguration } from '@postrider/database';
import { ConfigurationBucket } from '@postrider/messaging';
import { counter, type ReadFigure } from '@postrider/runtime';
import { Pool } from 'pg';
import type { ConfigurationChanges } from '../configuration-changes.js';
import { LOGGER, type Logger } from '../tokens.js';

/** A caller whose change is committed does not wait longer for NATS: the reconciler brings the change there. */
const putLimitMs = 1_000;

const published = counter(
  'postrider_configuration_published_total',
  'Configuration entries put into the bucket, by outcome.',
  ['outcome'],
);

/** What an instance tells of itself on the System page (contracts: ServiceStatus.Figures). */
export const statusFigures: Readonly<Record<string, ReadFigure>> = {
  ConfigurationTold: { metric: 'postrider_configuration_published_total', labels: { outcome: 'done' } },
  ConfigurationLeft: {
    metric: 'postrider_configuration_published_total',
    labels: { outcome: 'left_to_reconciler' },
  },
};

/** Puts what was committed into the bucket that event-ingest and dispatcher follow. */
@Injectable()
export class ConfigurationPublisher implements ConfigurationChanges {
  /** Highest version put from here, by key: what the reconciler need not put again. */
  readonly versions = new Map<string, number>();

  constructor(
    @Inject(ConfigurationBucket) private readonly bucket: ConfigurationBucket,
    @Inject(Pool) private readonly pool: Pool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async publish(entry: ConfigurationEntry): Promise<void> {
    try {
      await within(putLimitMs, this.put(entry));
      published.inc({ outcome: 'done' });
    } catch (error) {
      published.inc({ outcome: 'left_to_reconciler' });
      this.logger.warn({ error, key: configurationKey(entry) }, 'configuration.not.published');
    }
  }

  async publishWebhook(organizationId: string, webhookId: string): Promise<void> {
    let webhook;
    try {
      webhook = await loadWebhookConfiguration(this.pool, organizationId, webhookId);
    } catch (error) {
      this.logger.warn({ error, organizationId, webhookId }, 'configuration.not.published');
      return;
    }
    if (webhook !== null) await this.publish({ kind: 'webhook', value: webhook });
  }

  /** Throws while NATS is away. */
  async put(entry: ConfigurationEntry): Promise<void> {
    await this.bucket.put(entry);
    const key = configurationKey(entry);
    this.versions.set(key, Math.max(entry.value.Version, this.versions.get(key) ?? 0));
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`NATS did not answer within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Should it fail after all, there is nobody left to tell.
    work.catch(() => undefined);
  }
}
