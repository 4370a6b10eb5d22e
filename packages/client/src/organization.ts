// What an organization has, one method per call of the API.
import type {
  AcceptedEvent,
  ApiKey,
  ApiKeyCreate,
  ApiKeyCreated,
  AuditEntry,
  Delivery,
  DeliveryStatus,
  DeliveryWithAttempts,
  EventDetail,
  EventSummary,
  FilterTest,
  FilterTestResult,
  LiveDeliveries,
  Organization,
  OrganizationPatch,
  PortalLink,
  PortalLinkCreate,
  PublishedEvent,
  RejectedEvent,
  Replay,
  ReplayCreate,
  ReplayPreview,
  Stats,
  Webhook,
  WebhookCreate,
  WebhookPatch,
  WebhookWithSecret,
} from '@postrider/contracts';
import { liveDeliveries, type LiveOptions } from './live.js';
import { mergePatch, type Call, type Query, type Transport } from './transport.js';

export interface Page<T> {
  readonly Data: readonly T[];
  readonly NextCursor: string | null;
}

export interface PageQuery {
  /** 1..100, default 25. */
  readonly Limit?: number;
  readonly Cursor?: string;
}

/** `From` and `To`: epoch ms, both inclusive. */
export interface DeliveriesQuery extends PageQuery {
  readonly WebhookId?: string;
  readonly Status?: DeliveryStatus;
  readonly Topic?: string;
  readonly EventId?: string;
  readonly From?: number;
  readonly To?: number;
}

export interface EventsQuery extends PageQuery {
  readonly Topic?: string;
}

/** What has a default may be left out. */
export type Input<T, Required extends keyof T> = Pick<T, Required> & Partial<T>;

export type WebhookInput = Input<WebhookCreate, 'Topics'>;
export type ReplayInput = Input<Omit<ReplayCreate, 'DryRun'>, 'From' | 'To'>;
export type ApiKeyInput = Input<ApiKeyCreate, 'Name' | 'Scopes'>;
export type PortalLinkInput = Input<PortalLinkCreate, 'Scopes'>;

export class OrganizationClient {
  readonly webhooks: WebhooksClient;
  readonly deliveries: DeliveriesClient;
  readonly replays: ReplaysClient;
  readonly events: EventsClient;
  readonly apiKeys: ApiKeysClient;
  private readonly path: string;

  constructor(
    private readonly transport: Transport,
    readonly id: string,
  ) {
    this.path = `/v1/organizations/${encodeURIComponent(id)}`;
    this.webhooks = new WebhooksClient(transport, `${this.path}/webhooks`);
    this.deliveries = new DeliveriesClient(transport, `${this.path}/deliveries`);
    this.replays = new ReplaysClient(transport, `${this.path}/replays`);
    this.events = new EventsClient(transport, this.path);
    this.apiKeys = new ApiKeysClient(transport, `${this.path}/api-keys`);
  }

  get(): Promise<Organization> {
    return this.transport.call({ method: 'GET', path: this.path });
  }

  change(patch: OrganizationPatch): Promise<Organization> {
    return this.transport.call({ method: 'PATCH', path: this.path, body: patch, contentType: mergePatch });
  }

  stats(query: { WebhookId?: string; From?: number; To?: number } = {}): Promise<Stats> {
    return this.transport.call({ method: 'GET', path: `${this.path}/stats`, query });
  }

  /** Which of the last events a webhook with such a filter would have got; changes nothing, so it may be asked again. */
  testFilter(test: FilterTest): Promise<FilterTestResult> {
    const path = `${this.path}/filters/test`;
    return this.transport.call({ method: 'POST', path, body: test, isSafe: true });
  }

  /** `Url` signs an end customer in to the dashboard, once. */
  createPortalLink(link: PortalLinkInput): Promise<PortalLink> {
    return this.transport.call({ method: 'POST', path: `${this.path}/portal-links`, body: link });
  }

  /** What was changed of the organization, newest first. */
  auditLog(query: PageQuery = {}): Promise<Page<AuditEntry>> {
    return this.transport.call({ method: 'GET', path: `${this.path}/audit-log`, query: { ...query } });
  }

  /** Deliveries as they change, reconnecting by itself, until `signal` aborts. */
  live(options: LiveOptions = {}): AsyncGenerator<LiveDeliveries> {
    return liveDeliveries(this.transport, `${this.path}/live`, options);
  }
}

abstract class Resource {
  constructor(
    protected readonly transport: Transport,
    protected readonly path: string,
  ) {}

  protected ask<T>(
    method: Call['method'],
    below: readonly string[] = [],
    call: Partial<Call> = {},
  ): Promise<T> {
    return this.transport.call<T>({ ...call, method, path: this.below(below) });
  }

  protected below(segments: readonly string[]): string {
    return [this.path, ...segments.map(encodeURIComponent)].join('/');
  }
}

/** All rows of a list, page by page. */
export async function* everyRow<T>(
  list: (query: PageQuery) => Promise<Page<T>>,
  pageSize = 100,
): AsyncGenerator<T> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list({
      Limit: pageSize,
      ...(cursor === undefined ? {} : { Cursor: cursor }),
    });
    yield* page.Data;
    cursor = page.NextCursor;
  }
}

export class WebhooksClient extends Resource {
  list(query: PageQuery = {}): Promise<Page<Webhook>> {
    return this.ask('GET', [], { query: { ...query } });
  }

  /** `SigningSecret` is told this once. */
  create(webhook: WebhookInput): Promise<WebhookWithSecret> {
    return this.ask('POST', [], { body: webhook });
  }

  get(id: string): Promise<Webhook> {
    return this.ask('GET', [id]);
  }

  /** A merge patch (RFC 7396): null unsets. */
  change(id: string, patch: WebhookPatch): Promise<Webhook> {
    return this.ask('PATCH', [id], { body: patch, contentType: mergePatch });
  }

  delete(id: string): Promise<void> {
    return this.ask('DELETE', [id]);
  }

  /** Sends through the whole pipeline and answers the delivery with its attempt. */
  ping(id: string, query: { wait?: boolean } = {}): Promise<DeliveryWithAttempts> {
    return this.ask('POST', [id, 'ping'], { query });
  }

  pause(id: string): Promise<Webhook> {
    return this.ask('POST', [id, 'pause']);
  }

  resume(id: string, body: { Held?: 'deliver' | 'discard' } = {}): Promise<Webhook> {
    return this.ask('POST', [id, 'resume'], { body });
  }

  /** `SigningSecret` is the new one, told this once. `GraceSeconds` 0 ends the old one now; default a day. */
  rotateSecret(id: string, body: { GraceSeconds?: number } = {}): Promise<WebhookWithSecret> {
    return this.ask('POST', [id, 'rotate-secret'], { body });
  }

  /** Of Type email: mails the link by which the reader agrees once more; at most one a minute. */
  sendConfirmation(id: string): Promise<Webhook> {
    return this.ask('POST', [id, 'send-confirmation']);
  }

  /** Sends the topic's example to this webhook. */
  sendExample(id: string, topic: string): Promise<DeliveryWithAttempts> {
    return this.ask('POST', [id, 'send-example'], { body: { Topic: topic } });
  }
}

export class DeliveriesClient extends Resource {
  /** Newest first. */
  list(query: DeliveriesQuery = {}): Promise<Page<Delivery>> {
    return this.ask('GET', [], { query: { ...query } satisfies Query });
  }

  get(id: string): Promise<DeliveryWithAttempts> {
    return this.ask('GET', [id]);
  }

  /** One attempt now, whatever the delivery's status. */
  resend(id: string): Promise<DeliveryWithAttempts> {
    return this.ask('POST', [id, 'resend']);
  }
}

export class ReplaysClient extends Resource {
  list(query: PageQuery = {}): Promise<Page<Replay>> {
    return this.ask('GET', [], { query: { ...query } });
  }

  create(replay: ReplayInput): Promise<Replay> {
    return this.ask('POST', [], { body: replay });
  }

  /** How many deliveries it would send; sends nothing, so it may be asked again. */
  preview(replay: ReplayInput): Promise<ReplayPreview> {
    return this.ask('POST', [], { body: { ...replay, DryRun: true }, isSafe: true });
  }

  get(id: string): Promise<Replay> {
    return this.ask('GET', [id]);
  }

  cancel(id: string): Promise<void> {
    return this.ask('DELETE', [id]);
  }
}

export class EventsClient extends Resource {
  /**
   * Publishes an event, or up to 100 (all are accepted or none). One without an `Id` gets one here: the same Id again is
   * the same event, so that a publish whose answer was lost can be repeated without harm, and is.
   */
  publish(event: PublishedEvent): Promise<AcceptedEvent>;
  publish(events: readonly PublishedEvent[]): Promise<AcceptedEvent[]>;
  publish(events: PublishedEvent | readonly PublishedEvent[]): Promise<AcceptedEvent | AcceptedEvent[]> {
    const withId = (event: PublishedEvent) => ({ ...event, Id: event.Id ?? crypto.randomUUID() });
    const body = Array.isArray(events)
      ? (events as readonly PublishedEvent[]).map(withId)
      : withId(events as PublishedEvent);
    return this.ask('POST', ['events'], { body, door: 'ingest', isSafe: true });
  }

  /** Newest first. */
  list(query: EventsQuery = {}): Promise<Page<EventSummary>> {
    return this.ask('GET', ['events'], { query: { ...query } });
  }

  get(id: string): Promise<EventDetail> {
    return this.ask('GET', ['events', id]);
  }

  /** The same as JSON text: `Data` and `PreviousData` with every digit, and their keys in their order. */
  getText(id: string): Promise<string> {
    return this.transport.callForText({ method: 'GET', path: this.below(['events', id]) });
  }

  rejected(query: PageQuery = {}): Promise<Page<RejectedEvent>> {
    return this.ask('GET', ['rejected-events'], { query: { ...query } });
  }
}

export class ApiKeysClient extends Resource {
  list(query: PageQuery = {}): Promise<Page<ApiKey>> {
    return this.ask('GET', [], { query: { ...query } });
  }

  /** `Key` is told this once. */
  create(key: ApiKeyInput): Promise<ApiKeyCreated> {
    return this.ask('POST', [], { body: key });
  }

  delete(id: string): Promise<void> {
    return this.ask('DELETE', [id]);
  }
}
