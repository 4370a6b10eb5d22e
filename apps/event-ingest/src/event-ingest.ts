// The service put together: connections, the copy of the configuration, the pipeline, and their life.
import { ApiKeyNotice, noticeSubjects } from '@postrider/contracts';
import { createPool, DatabaseClock, loadConfiguration, loadWebhookConfiguration } from '@postrider/database';
import {
  consumerLag,
  ensureStream,
  followConfiguration,
  streamTrouble,
  WriteProbe,
  type Messaging,
} from '@postrider/messaging';
import {
  Authenticator,
  startTracer,
  TokenBuckets,
  version,
  type Logger,
  type Readiness,
  type Tracer,
} from '@postrider/runtime';
import type { Pool } from 'pg';
import { AcceptTraces } from './accept-traces.js';
import { EventStore } from './accept/event-store.js';
import type { EventIngestConfig } from './config.js';
import { EventPipeline } from './event.pipeline.js';
import { FastLane } from './hand-on/fast-lane.js';
import { ConfigurationCopy } from './match/configuration-copy.js';
import { ConfigurationKeeper } from './match/keep-configuration.js';
import { reportConsumerLag, Telemetry } from './telemetry.js';

const partitionsEveryMs = 3_600_000;
const apiKeysKeptMs = 5_000;
/** Whoever publishes is told 503 rather than kept waiting; what was committed after all is a duplicate when it comes again. */
const databaseLimits = { statementTimeoutMs: 8_000, answerTimeoutMs: 10_000 };

export class EventIngest {
  readonly pipeline: EventPipeline;
  readonly authenticator: Authenticator;
  readonly configuration: ConfigurationKeeper;
  private readonly pool: Pool;
  private readonly commitPool: Pool;
  private readonly clock: DatabaseClock;
  private readonly tracer: Tracer | null;
  private readonly writeProbe: WriteProbe;
  private readonly store: EventStore;
  private partitionsTimer: NodeJS.Timeout | null = null;

  constructor(
    config: EventIngestConfig,
    private readonly messaging: Messaging,
    private readonly logger: Logger,
  ) {
    const database = { databaseUrl: config.databaseUrl, ...databaseLimits };
    const onError = (error: Error) => logger.warn({ error }, 'database.connection.lost');
    this.pool = createPool({ ...database, applicationName: 'event-ingest', max: 4 }, onError);
    // Two batches from either door at a time; more connections would make smaller batches of the same events.
    this.commitPool = createPool({ ...database, applicationName: 'event-ingest-commit', max: 4 }, onError);
    this.clock = new DatabaseClock(this.pool);
    this.authenticator = new Authenticator({
      pool: this.pool,
      adminApiKey: config.adminApiKey,
      cacheMs: apiKeysKeptMs,
    });
    this.writeProbe = new WriteProbe(messaging, (error) =>
      logger.warn({ error }, 'jetstream.probe.forbidden'),
    );
    const telemetry = new Telemetry(logger);
    this.tracer = startTracer({
      service: 'event-ingest',
      version,
      config: config.tracing ?? null,
      onError: (error) => logger.warn({ error }, 'traces.not.sent'),
    });
    this.configuration = this.keepConfiguration(telemetry);
    this.store = new EventStore(this.commitPool, this.pool);
    this.pipeline = new EventPipeline({
      configuration: this.configuration,
      store: this.store,
      lane: new FastLane(messaging, (error) => telemetry.trouble('hand.on.failed', error)),
      loadWebhook: (organizationId, webhookId) =>
        loadWebhookConfiguration(this.pool, organizationId, webhookId),
      laneRate: new TokenBuckets(config.rateLimitEvents),
      nowMs: () => this.clock.nowMs(),
      maxEventBytes: config.maxEventBytes,
      telemetry,
      traces: this.tracer === null ? null : new AcceptTraces(this.tracer, () => this.clock.nowMs()),
    });
    reportConsumerLag(async () => (messaging.isConnected ? consumerLag(messaging, 'events') : null));
  }

  private keepConfiguration(telemetry: Telemetry): ConfigurationKeeper {
    const copy = new ConfigurationCopy(
      (what, ofWhat, error) => this.logger.error({ what, ofWhat, error }, 'configuration.not.usable'),
      () => telemetry.withheld(),
    );
    const source = {
      load: (sinceMs: number) => loadConfiguration(this.pool, sinceMs),
      databaseNowMs: async () => {
        await this.clock.measure();
        return this.clock.nowMs();
      },
    };
    return new ConfigurationKeeper(source, copy, (error) =>
      telemetry.trouble('configuration.not.read', error),
    );
  }

  addReadinessChecks(readiness: Readiness): void {
    readiness.add('database', async () => {
      await this.pool.query('SELECT 1');
      return null;
    });
    // Not ready, and yet of use: whoever routes by readiness may prefer an instance that has both doors.
    readiness.add('commit', () =>
      this.store.trouble === null
        ? null
        : `PostgreSQL does not commit events (${this.store.trouble}): over HTTP they are answered 503, NATS keeps its own`,
    );
    readiness.add('nats', () =>
      this.messaging.isConnected
        ? null
        : 'NATS is away: events wait there, those over HTTP are accepted and delivered once NATS is back',
    );
    readiness.add('jetstream', () => this.judgeJetStream());
    readiness.add('configuration', () =>
      this.configuration.isLoaded ? null : 'the configuration has not been read from PostgreSQL yet',
    );
  }

  private async judgeJetStream(): Promise<string | null> {
    if (!this.messaging.isConnected) return null;
    const [unanswered, unwritten] = await Promise.all([
      streamTrouble(this.messaging, 'events'),
      this.writeProbe.trouble(),
    ]);
    const trouble = unanswered ?? unwritten;
    if (trouble === null) return null;
    return `JetStream takes no events (${trouble}), those over HTTP are accepted: look into the log of NATS, for a full disk too, and start it again where it does not come back`;
  }

  /** Resolves when events can be matched and committed, however long PostgreSQL takes to come. */
  async begin(): Promise<void> {
    const { copy } = this.configuration;
    followConfiguration(
      this.messaging,
      (entry) => copy.apply(entry),
      (key) => this.logger.error({ key }, 'configuration.entry.invalid'),
    );
    this.messaging.subscribe(noticeSubjects.apiKeyChanged, ({ data }) => {
      const notice = ApiKeyNotice.safeParse(parseJson(data));
      if (notice.success) this.authenticator.forget(notice.data.Id);
    });
    this.messaging.onConnected(() => this.onConnected());
    await this.configuration.start();
    await this.clock
      .start((error) => this.logger.warn({ error }, 'database.clock.not.measured'))
      .catch(() => undefined);
    this.logger.info(copy.counts, 'configuration.loaded');
    this.makePartitions();
    this.partitionsTimer = setInterval(() => this.makePartitions(), partitionsEveryMs);
    this.partitionsTimer.unref();
  }

  /** What was announced while NATS was away is read from PostgreSQL; and the lane may be gone with NATS's memory. */
  private onConnected(): void {
    this.configuration
      .catchUp()
      .catch((error: unknown) => this.logger.warn({ error }, 'configuration.not.read'));
    ensureStream(this.messaging, 'lane').catch((error: unknown) =>
      this.logger.warn({ error }, 'lane.not.made'),
    );
  }

  /** A day ahead is made seven days before; a failure has until then to be mended. */
  private makePartitions(): void {
    this.pool
      .query('SELECT ensure_partitions(1, 7)')
      .catch((error: unknown) => this.logger.error({ error }, 'partitions.not.made'));
  }

  /** After the doors are closed. */
  async close(): Promise<void> {
    this.configuration.stop();
    this.clock.stop();
    this.authenticator.close();
    if (this.partitionsTimer !== null) clearInterval(this.partitionsTimer);
    await Promise.all([this.commitPool.end(), this.pool.end(), this.tracer?.close()]);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
