// Stand-ins for the other services: they answer the same NATS subjects with the contracts' own codec, and do to the
// database what the asker counts on. The services themselves meet config-api in e2e/.
import { randomBytes } from 'node:crypto';
import {
  eventText,
  ProblemError,
  requestSubjects,
  type CloudEventOrigin,
  type ServiceReply,
  type ServiceRequest,
  type ServiceRequestName,
} from '@postrider/contracts';
import { idMs, newId } from '@postrider/database';
import { answerJson, Messaging } from '@postrider/messaging';
import type { TestDatabase } from '@postrider/test-kit';

type Handlers = {
  [N in ServiceRequestName]: (request: ServiceRequest<N>) => Promise<ServiceReply<N>>;
};

export interface OtherServices {
  /** Every request that came, in order. */
  readonly asked: { readonly name: ServiceRequestName; readonly request: Record<string, unknown> }[];
  /** Names that are answered by nobody for the time being. */
  readonly away: Set<ServiceRequestName>;
  /** What becomes of a ping's delivery; by default it succeeds at once. */
  onPing: (deliveryId: string) => Promise<void>;
  askedFor(name: ServiceRequestName): Record<string, unknown>[];
  stop(): Promise<void>;
}

export async function startOtherServices(natsUrl: string, database: TestDatabase): Promise<OtherServices> {
  const messaging = await Messaging.open({ natsUrl, name: 'other services', onStatus: () => undefined });
  const versions = new Map<string, number>();
  const move = async (webhookId: string, from: string, to: string): Promise<{ Deliveries: number }> => {
    const moved = await database.query(
      'UPDATE deliveries SET status = $3 WHERE webhook_id = $1 AND status = $2 RETURNING id',
      [webhookId, from, to],
    );
    return { Deliveries: moved.length };
  };
  const newSecret = (webhookId: string, graceSeconds: number | null) => {
    const version = (versions.get(webhookId) ?? 0) + 1;
    versions.set(webhookId, version);
    const now = Date.now();
    return {
      SecretVersion: version,
      SecretCreatedAt: now,
      PreviousSecretExpiresAt: graceSeconds === null ? null : now + graceSeconds * 1_000,
      SigningSecret: `whsec_${randomBytes(32).toString('base64')}`,
    };
  };
  const services: OtherServices = {
    asked: [],
    away: new Set(),
    onPing: (id) => finishDelivery(database, id),
    askedFor: (name) => services.asked.filter((one) => one.name === name).map((one) => one.request),
    stop: () => messaging.close(),
  };
  const handlers: Handlers = {
    createSecret: async ({ WebhookId }) => newSecret(WebhookId, null),
    rotateSecret: async ({ WebhookId, GraceSeconds }) => newSecret(WebhookId, GraceSeconds),
    setAuthorization: async () => ({}),
    deleteSecrets: async () => ({}),
    ping: async ({ OrganizationId, WebhookId }) => {
      const event = await seedEvent(database, OrganizationId, { topic: 'webhook.ping' });
      const DeliveryId = await seedDelivery(database, event, WebhookId, { trigger: 'ping' });
      void services.onPing(DeliveryId);
      return { EventId: event.id, DeliveryId };
    },
    operationalEvent: async () => ({ Deliveries: 0 }),
    sendExample: async ({ OrganizationId, WebhookId, Topic, Data }) => {
      const event = await seedEvent(database, OrganizationId, { topic: Topic, data: Data });
      const DeliveryId = await seedDelivery(database, event, WebhookId, { trigger: 'ping' });
      void services.onPing(DeliveryId);
      return { EventId: event.id, DeliveryId };
    },
    resend: async ({ OrganizationId, DeliveryId }) => {
      const ResendId = newId();
      await database.query(
        `INSERT INTO resends SELECT $1, organization_id, webhook_id, id, now_ms(), now_ms()
         FROM deliveries WHERE organization_id = $2 AND id = $3`,
        [ResendId, OrganizationId, DeliveryId],
      );
      return { ResendId };
    },
    releaseHeld: ({ WebhookId, Held }) =>
      move(WebhookId, 'Held', Held === 'deliver' ? 'Pending' : 'Cancelled'),
    sendConfirmation: async () => ({}),
    holdPending: ({ WebhookId }) => move(WebhookId, 'Pending', 'Held'),
    cancelPending: async ({ WebhookId }) => {
      const held = await move(WebhookId, 'Held', 'Cancelled');
      const pending = await move(WebhookId, 'Pending', 'Cancelled');
      return { Deliveries: held.Deliveries + pending.Deliveries };
    },
  };
  for (const name of Object.keys(handlers) as ServiceRequestName[]) {
    // Which handler belongs to which name is checked by the type of `handlers`.
    listen(messaging, services, name, handlers[name] as never);
  }
  await messaging.flush();
  return services;
}

function listen<N extends ServiceRequestName>(
  messaging: Messaging,
  services: OtherServices,
  name: N,
  handle: (request: ServiceRequest<N>) => Promise<ServiceReply<N>>,
): void {
  messaging.subscribe(requestSubjects[name], (message) => {
    const answer = async (request: ServiceRequest<N>): Promise<ServiceReply<N>> => {
      services.asked.push({ name, request });
      if (services.away.has(name)) throw new ProblemError('unavailable', `${name} is away in this test`);
      return handle(request);
    };
    void answerJson(name, message.data, answer, (error) => console.error(name, error)).then((bytes) =>
      message.respond(bytes),
    );
  });
}

export interface SeededEvent {
  readonly organizationId: string;
  readonly id: string;
  readonly uid: string;
  readonly topic: string;
  readonly text: string;
}

export interface EventSeed {
  readonly id?: string;
  readonly topic?: string;
  readonly atMs?: number;
  readonly data?: string;
  readonly previousData?: string | null;
  readonly resource?: string | null;
  readonly actor?: { readonly Type: string; readonly Id: string } | null;
  readonly cloudEvent?: CloudEventOrigin;
}

/** An event as event-ingest commits it. */
export async function seedEvent(
  database: TestDatabase,
  organizationId: string,
  seed: EventSeed = {},
): Promise<SeededEvent> {
  const uid = newId(seed.atMs);
  const id = seed.id ?? uid;
  const topic = seed.topic ?? 'job.execution.failed';
  const text = eventText({
    id,
    topic,
    createdAt: idMs(uid),
    updatedAt: idMs(uid),
    organizationId,
    resource: seed.resource ?? null,
    previousData: seed.previousData ?? null,
    actor: seed.actor ?? null,
    ...(seed.cloudEvent === undefined ? {} : { cloudEvent: seed.cloudEvent }),
    data: seed.data ?? '{"JobId":"j1"}',
  });
  await database.query('INSERT INTO event_ids VALUES ($1, $2, $3, 1, $4)', [
    organizationId,
    id,
    uid,
    idMs(uid),
  ]);
  await database.query(
    `INSERT INTO events (uid, organization_id, id, topic, source, times_given, deliveries, text)
     VALUES ($1, $2, $3, $4, 'http', 0, 1, $5)`,
    [uid, organizationId, id, topic, text],
  );
  return { organizationId, id, uid, topic, text };
}

export interface DeliverySeed {
  readonly status?: string;
  readonly trigger?: string;
}

/** A delivery of an event, made in its millisecond. */
export async function seedDelivery(
  database: TestDatabase,
  event: SeededEvent,
  webhookId: string,
  seed: DeliverySeed = {},
): Promise<string> {
  const id = newId(idMs(event.uid));
  const status = seed.status ?? 'Pending';
  await database.query(
    `INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, due_at, updated_at, status, trigger, event_id, topic)
     VALUES ($1, $2, $3, $4, CASE WHEN $5 = 'Pending' THEN now_ms() + 60000 END, now_ms(), $5, $6, $7, $8)`,
    [id, event.organizationId, webhookId, event.uid, status, seed.trigger ?? 'event', event.id, event.topic],
  );
  return id;
}

export interface AttemptSeed {
  readonly statusCode?: number | null;
  readonly errorCode?: string | null;
  readonly responseBody?: Buffer | null;
  readonly responseHeaders?: string | null;
  readonly truncated?: boolean;
  readonly authorization?: boolean;
  readonly signed?: boolean;
}

/** An attempt as the dispatcher records it. */
export async function seedAttempt(
  database: TestDatabase,
  deliveryId: string,
  seed: AttemptSeed = {},
): Promise<string> {
  const id = newId();
  const statusCode = seed.statusCode === undefined ? 200 : seed.statusCode;
  const signed = seed.signed ?? true;
  await database.query(
    `INSERT INTO attempts (id, delivery_id, organization_id, started_at, duration_ms, number, status_code,
       response_truncated, has_authorization, trigger, error_code, error_message, url, user_agent, hub_signature,
       standard_signature, response_headers, response_body)
     SELECT $1, id, organization_id, 1750000000999, 12, attempts_count + 1, $3, $4, $5, 'event', $6, $7,
       'https://example.com:8443/hook?x=1', 'Postrider/0.1.0', $8, $9, $10, $11
     FROM deliveries WHERE id = $2`,
    [
      id,
      deliveryId,
      statusCode,
      seed.truncated ?? false,
      seed.authorization ?? false,
      seed.errorCode ?? null,
      seed.errorCode == null ? null : 'what went wrong',
      signed ? `sha256=${'ab'.repeat(32)}` : null,
      signed ? 'v1,c2lnbmF0dXJl' : null,
      seed.responseHeaders === undefined ? '{"content-type":"text/plain"}' : seed.responseHeaders,
      seed.responseBody === undefined ? Buffer.from('thanks') : seed.responseBody,
    ],
  );
  await database.query(
    `UPDATE deliveries SET attempts_count = attempts_count + 1, last_status_code = $2, last_error_code = $3,
       last_error_message = CASE WHEN $3::text IS NULL THEN NULL ELSE 'what went wrong' END, duration_ms = 12
     WHERE id = $1`,
    [deliveryId, statusCode, seed.errorCode ?? null],
  );
  return id;
}

export async function finishDelivery(database: TestDatabase, id: string): Promise<void> {
  await seedAttempt(database, id);
  await database.query("UPDATE deliveries SET status = 'Succeeded', due_at = NULL WHERE id = $1", [id]);
}
