// event-ingest within the test's process, on a real PostgreSQL and a real NATS of its own, with the rights it has in
// production.
import 'reflect-metadata';
import {
  decodeLaneMessage,
  laneSubject,
  type AcceptedEvent,
  type ConfigurationEntry,
  type LaneDelivery,
  type WebhookConfiguration,
} from '@postrider/contracts';
import { createPool, loadConfiguration, newId } from '@postrider/database';
import { ConfigurationBucket, consumerLag, Messaging } from '@postrider/messaging';
import { serializeError, type RunningService } from '@postrider/runtime';
import {
  connectNats,
  createTestDatabase,
  sendRequest,
  startNats,
  waitFor,
  type NatsClient,
  type Reply,
  type TestDatabase,
  type TestNats,
} from '@postrider/test-kit';
import { pino } from 'pino';
import { start } from '../src/start.js';

export const adminKey = 'test-admin-key';
export const topic = 'job.execution.failed';

/** An event of just so many bytes. */
export const eventOfBytes = (bytes: number, id = 'large') => {
  const [head, tail] = [`{"Id":"${id}","Topic":"${topic}","Data":{"a":"`, '"}}'];
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
};

export interface IngestOptions {
  /** Gives the service another way to the database than the test's own. */
  readonly throughProxy?: (databaseUrl: string) => Promise<string>;
  readonly maxEventBytes?: number;
  readonly rateLimitEvents?: number;
}

export interface StoredEvent {
  readonly uid: string;
  readonly id: string;
  readonly topic: string;
  readonly source: string;
  readonly times_given: number;
  readonly deliveries: number;
  readonly text: string;
}

export interface StoredDelivery {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_uid: string;
  readonly event_id: string;
  readonly status: string;
  readonly trigger: string;
  readonly due_at: number | null;
  readonly updated_at: number;
}

export interface StoredRejection {
  readonly id: string;
  readonly organization_id: string | null;
  readonly subject: string;
  readonly topic: string | null;
  readonly event_id: string | null;
  readonly code: string;
  readonly reason: string;
  readonly errors: { pointer?: string; detail: string }[];
  readonly payload: Buffer;
  readonly payload_truncated: boolean;
}

export class Ingest {
  readonly organizationId = newId();
  /** All deliveries that came by the fast lane, in their order. */
  readonly lane: LaneDelivery[] = [];
  private service: RunningService | null = null;
  private publisher: Promise<NatsClient> | null = null;
  /** The server process that it is connected to: one that was started anew needs a connection anew. */
  private publisherOf = 0;
  private observer: Messaging | null = null;
  private bucket: ConfigurationBucket | null = null;
  private readonly lines: { readonly event: string; readonly level: number }[] = [];
  /** The service's own logger, into memory. */
  private readonly logger = pino(
    { level: 'debug', messageKey: 'event', serializers: { error: serializeError } },
    { write: (line: string) => this.lines.push(JSON.parse(line) as { event: string; level: number }) },
  );
  url = '';

  private constructor(
    readonly database: TestDatabase,
    readonly nats: TestNats,
    private readonly databaseUrl: string,
    private readonly options: IngestOptions,
  ) {}

  /** Everything but the service, which `start` starts: there is time to put webhooks into the database. */
  static async prepare(options: IngestOptions = {}): Promise<Ingest> {
    const [database, nats] = await Promise.all([createTestDatabase(), startNats({ users: true })]);
    const direct = database.urlFor('event_ingest');
    const ingest = new Ingest(database, nats, (await options.throughProxy?.(direct)) ?? direct, options);
    await ingest.addOrganization(ingest.organizationId);
    return ingest;
  }

  async start(): Promise<void> {
    this.service = await start(
      {
        port: 0,
        host: '127.0.0.1',
        databaseUrl: this.databaseUrl,
        natsUrl: this.nats.urlFor('event_ingest'),
        logLevel: 'silent',
        adminApiKey: adminKey,
        maxEventBytes: this.options.maxEventBytes ?? 262_144,
        rateLimitEvents: this.options.rateLimitEvents ?? 20_000,
        failPoint: undefined,
      },
      this.logger,
    );
    await this.service.app.listen(0, '127.0.0.1');
    const address = this.service.app.getHttpServer().address() as { port: number };
    this.url = `http://127.0.0.1:${address.port}`;
    await this.service.begin?.();
  }

  /** The service is ready, and the lane is watched. */
  async open(): Promise<this> {
    await this.start();
    await waitFor('readiness', async () => (await this.readiness()).status === 200);
    this.observer = await Messaging.open({ natsUrl: this.nats.url, name: 'test', onStatus: () => undefined });
    this.observer.subscribe(laneSubject, ({ data }) => this.lane.push(...decodeLaneMessage(data)));
    await this.observer.flush();
    this.bucket = new ConfigurationBucket(this.observer);
    return this;
  }

  /** Lines of the log with that name. */
  logged(name: string): readonly object[] {
    return this.lines.filter((line) => line.event === name);
  }

  allLogged(): readonly object[] {
    return this.lines;
  }

  /** Lines of the log that an operator should look into. */
  troubles(): readonly object[] {
    return this.lines.filter(({ level }) => level >= 40);
  }

  readiness(): Promise<Reply> {
    return sendRequest('GET', `${this.url}/health/ready`);
  }

  async metrics(): Promise<string> {
    return (await sendRequest('GET', `${this.url}/metrics`)).text;
  }

  get messaging(): Messaging {
    if (this.observer === null) throw new Error('call open first');
    return this.observer;
  }

  async addOrganization(id = newId()): Promise<string> {
    await this.database.query(
      'INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, $2, now_ms(), now_ms())',
      [id, 'Test'],
    );
    return id;
  }

  async addWebhook(values: Partial<WebhookConfiguration> = {}): Promise<string> {
    const id = values.Id ?? newId();
    await this.database.query(
      `INSERT INTO webhooks (id, organization_id, alias, type, url, topics, filter, state, timeout_seconds,
         secret_version, created_at, updated_at)
       VALUES ($1, $2, $3, 'webhook', $4, $5, $6, $7, $8, 1, now_ms(), now_ms())`,
      [
        id,
        values.OrganizationId ?? this.organizationId,
        values.Alias ?? null,
        values.Url ?? 'https://example.com/hook',
        values.Topics ?? [topic],
        values.Filter === undefined ? null : JSON.stringify(values.Filter),
        values.State ?? 'enabled',
        values.TimeoutSeconds ?? 15,
      ],
    );
    return id;
  }

  /** As config-api does after each change: the present state of everything goes into the bucket. */
  async announce(): Promise<void> {
    const pool = createPool(
      { databaseUrl: this.database.adminUrl, applicationName: 'test', max: 1 },
      () => undefined,
    );
    const entries = await loadConfiguration(pool, 1);
    await pool.end();
    for (const entry of entries) await this.announceEntry(entry);
  }

  async announceEntry(entry: ConfigurationEntry): Promise<void> {
    await this.bucket?.put(entry);
  }

  /** POSTs to the HTTP door; text and bytes as they are. */
  post(
    body: unknown,
    options: {
      organizationId?: string;
      key?: string;
      path?: string;
      timeoutMs?: number;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Reply> {
    const organizationId = options.organizationId ?? this.organizationId;
    const path = options.path ?? `/v1/organizations/${organizationId}/events`;
    return sendRequest('POST', this.url + path, {
      headers: { authorization: `Bearer ${options.key ?? adminKey}`, ...options.headers },
      body,
      timeoutMs: options.timeoutMs ?? 30_000,
    });
  }

  /** Posts one event, which must be accepted. */
  async accept(body: unknown): Promise<AcceptedEvent> {
    const reply = await this.post(body);
    if (reply.status !== 202) throw new Error(`${reply.status}: ${reply.text}`);
    return reply.body as AcceptedEvent;
  }

  async publish(
    body: string | Uint8Array | object,
    options: { subject?: string; msgId?: string; headers?: Record<string, string> } = {},
  ): Promise<void> {
    if (this.publisher === null || this.publisherOf !== this.nats.pid) {
      void this.publisher?.then((old) => old.close());
      this.publisherOf = this.nats.pid;
      this.publisher = connectNats(this.nats.urlFor('publisher'));
    }
    const publisher = await this.publisher;
    const subject = options.subject ?? `postrider.events.v1.${this.organizationId}.${topic}`;
    const payload = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const { msgId, headers } = options;
    await publisher.publish(subject, payload, {
      ...(msgId === undefined ? {} : { msgId }),
      ...(headers === undefined ? {} : { headers }),
    });
  }

  async events(): Promise<StoredEvent[]> {
    return this.database.query<StoredEvent>('SELECT * FROM events ORDER BY uid');
  }

  /** The event with that Id, as soon as it is there. */
  async event(id: string): Promise<StoredEvent> {
    return waitFor(`event ${id}`, async () => (await this.events()).find((event) => event.id === id));
  }

  async deliveries(eventId?: string): Promise<StoredDelivery[]> {
    return this.database.query<StoredDelivery>(
      'SELECT * FROM deliveries WHERE $1::text IS NULL OR event_id = $1 ORDER BY id',
      [eventId ?? null],
    );
  }

  async rejections(count: number): Promise<StoredRejection[]> {
    return waitFor(`${count} rejected events`, async () => {
      const rows = await this.database.query<StoredRejection>('SELECT * FROM rejected_events ORDER BY id');
      return rows.length >= count ? rows : undefined;
    });
  }

  /** Messages that JetStream has for event-ingest still, handed out or not. */
  async backlog(): Promise<number> {
    const { pending, unacknowledged } = await consumerLag(this.messaging, 'events');
    return pending + unacknowledged;
  }

  async stop(): Promise<void> {
    this.service?.readiness.drain();
    await this.service?.drain?.();
    await this.service?.app.close();
    await this.service?.close?.();
    this.service = null;
  }

  async close(): Promise<void> {
    await this.stop();
    (await this.publisher)?.close();
    await this.observer?.close();
    await this.nats.stop();
    await this.database.drop();
  }
}
