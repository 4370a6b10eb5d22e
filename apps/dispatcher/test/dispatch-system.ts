// The dispatcher and the signer as processes, with a database and a NATS of the test's own; the test plays the part of
// event-ingest (rows and lane messages) and of config-api (webhooks, their configuration, requests).
import {
  encodeLaneMessage,
  laneSubject,
  leaseMs,
  maxDeliveriesPerLaneMessage,
  type LaneDelivery,
  type ServiceReply,
  type ServiceRequest,
  type ServiceRequestName,
} from '@postrider/contracts';
import { createPool, loadWebhookConfiguration } from '@postrider/database';
import { askJson, ConfigurationBucket, Messaging } from '@postrider/messaging';
import {
  createTestDatabase,
  ServiceProcess,
  startNats,
  temporaryFolder,
  waitFor,
  type TestDatabase,
  type TestNats,
  type Variables,
} from '@postrider/test-kit';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { organizationId } from './makers.js';
import { insertDeliveries, insertWebhook, type InsertedDelivery, type WebhookRow } from './rows.js';

export interface SystemOptions {
  /** How many dispatchers; default 1. */
  readonly dispatchers?: number;
  readonly env?: Variables;
  /** What the dispatchers connect to instead. */
  readonly databaseUrlOf?: (url: string) => string;
}

export interface SystemWebhook {
  readonly id: string;
  readonly secret: string;
  readonly timeoutSeconds: number;
}

export class DispatchSystem {
  readonly dispatchers: readonly ServiceProcess[];
  readonly signer: ServiceProcess;
  private readonly bucket: ConfigurationBucket;

  private constructor(
    readonly database: TestDatabase,
    readonly nats: TestNats,
    /** May do everything on NATS. */
    readonly messaging: Messaging,
    private readonly configApi: Messaging,
    options: SystemOptions,
  ) {
    const home = temporaryFolder('dispatcher');
    const { NODE_OPTIONS: _jestOnly, ...environment } = process.env;
    const common = {
      ...environment,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      ALLOW_HTTP_ENDPOINTS: 'true',
      EGRESS_ALLOW: '127.0.0.0/8,::1/128',
      EGRESS_PORTS: '*',
    };
    const databaseUrlOf = options.databaseUrlOf ?? ((url) => url);
    this.dispatchers = Array.from(
      { length: options.dispatchers ?? 1 },
      (_, at) =>
        new ServiceProcess(
          { name: 'dispatcher', role: 'dispatcher', portVariable: 'DISPATCHER_PORT' },
          {
            ...common,
            DISPATCHER_PORT: '0',
            DATABASE_URL: databaseUrlOf(database.urlFor('dispatcher')),
            NATS_URL: nats.urlFor('dispatcher'),
            ...options.env,
          },
          join(home, `dispatcher-${at}.log`),
        ),
    );
    this.signer = new ServiceProcess(
      { name: 'signer', role: 'signer', portVariable: 'SIGNER_PORT' },
      {
        ...common,
        SIGNER_PORT: '0',
        DATABASE_URL: database.urlFor('signer'),
        NATS_URL: nats.urlFor('signer'),
        MASTER_KEYS: `test-1:${randomBytes(32).toString('base64')}`,
      },
      join(home, 'signer.log'),
    );
    this.bucket = new ConfigurationBucket(configApi);
  }

  static async start(options: SystemOptions = {}): Promise<DispatchSystem> {
    const [database, nats] = await Promise.all([createTestDatabase(), startNats({ users: true })]);
    const open = (natsUrl: string) => Messaging.open({ natsUrl, name: 'test', onStatus: () => undefined });
    const [messaging, configApi] = await Promise.all([open(nats.url), open(nats.urlFor('config_api'))]);
    const system = new DispatchSystem(database, nats, messaging, configApi, options);
    await Promise.all([system.signer, ...system.dispatchers].map((service) => service.start()));
    return system;
  }

  get dispatcher(): ServiceProcess {
    const [first] = this.dispatchers;
    if (first === undefined) throw new Error('this system has no dispatcher');
    return first;
  }

  async addWebhook(row: WebhookRow): Promise<SystemWebhook> {
    const id = await insertWebhook(this.database, { timeoutSeconds: 1, ...row });
    const { SigningSecret } = await this.ask('createSecret', {
      OrganizationId: organizationId,
      WebhookId: id,
      Authorization: null,
    });
    return { id, secret: SigningSecret, timeoutSeconds: row.timeoutSeconds ?? 1 };
  }

  /** As config-api changes a webhook: in PostgreSQL, then in the bucket. */
  async changeWebhook({ id }: SystemWebhook, set: string, values: readonly unknown[] = []): Promise<void> {
    await this.database.query(
      `UPDATE webhooks SET ${set}, version = nextval('config_version'), updated_at = now_ms() WHERE id = $1`,
      [id, ...values],
    );
    const pool = createPool(
      { databaseUrl: this.database.adminUrl, applicationName: 'test', max: 1 },
      () => undefined,
    );
    const value = await loadWebhookConfiguration(pool, organizationId, id).finally(() => pool.end());
    if (value === null) throw new Error(`there is no webhook ${id}`);
    await this.bucket.put({ kind: 'webhook', value });
  }

  ask<N extends ServiceRequestName>(name: N, request: ServiceRequest<N>): Promise<ServiceReply<N>> {
    return askJson(this.configApi, name, request);
  }

  /** As event-ingest accepts: rows under a lease of their webhook. */
  accept(
    webhook: SystemWebhook,
    count = 1,
    trigger: 'event' | 'ping' = 'event',
  ): Promise<InsertedDelivery[]> {
    return insertDeliveries(this.database, webhook.id, {
      count,
      trigger,
      dueInMs: leaseMs(webhook.timeoutSeconds),
    });
  }

  /** And as it hands on. */
  async handOn(
    webhook: SystemWebhook,
    deliveries: readonly InsertedDelivery[],
    trigger: 'event' | 'ping' = 'event',
  ): Promise<void> {
    const all = deliveries.map((delivery): LaneDelivery => ({
      event: {
        organizationId,
        id: delivery.event_id,
        topic: 'job.execution.failed',
        text: Buffer.from(`{"Id":"${delivery.event_id}","Data":{}}`),
      },
      id: delivery.id,
      webhookId: webhook.id,
      leaseUntil: delivery.due_at,
      trigger,
    }));
    for (let at = 0; at < all.length; at += maxDeliveriesPerLaneMessage) {
      const message = encodeLaneMessage(all.slice(at, at + maxDeliveriesPerLaneMessage));
      this.messaging.publish(laneSubject, message);
    }
    await this.messaging.flush();
  }

  /** Waits until the deliveries of a webhook are in these statuses; on failure the ends of the logs stand in the error. */
  async waitForStatuses(
    webhook: SystemWebhook,
    statuses: Readonly<Record<string, number>>,
    timeoutMs = 10_000,
  ): Promise<void> {
    const wanted = JSON.stringify(Object.entries(statuses).sort());
    let seen = '';
    const read = async (): Promise<boolean> => {
      const rows = await this.database.query<{ status: string; count: number }>(
        'SELECT status, count(*)::int AS count FROM deliveries WHERE webhook_id = $1 GROUP BY 1 ORDER BY 1',
        [webhook.id],
      );
      seen = JSON.stringify(rows.map(({ status, count }) => [status, count]));
      return seen === wanted;
    };
    await waitFor(`statuses ${wanted}`, read, { timeoutMs, intervalMs: 50 }).catch((error: unknown) => {
      const logs = this.dispatchers.map((service) => service.log(15)).join('\n');
      throw new Error(`expected ${wanted}, there are ${seen}\n${logs}`, { cause: error });
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.messaging.close(), this.configApi.close()]);
    await Promise.all([this.signer, ...this.dispatchers].map((service) => service.stop()));
    await this.nats.kill();
    await this.database.drop();
  }
}

export function hubSignature(secret: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Standard Webhooks 1.0.0. */
export function standardSignature(secret: string, id: string, timestamp: string, body: Buffer): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}
