import type {
  AuditEntry,
  Organization,
  RejectedEvent,
  Session,
  SignIn,
  SystemStatus,
  Topic,
  TopicCreate,
  TopicPatch,
} from '@postrider/contracts';
import { OrganizationClient, type Input, type Page, type PageQuery } from './organization.js';
import { mergePatch, Transport, type ClientOptions } from './transport.js';

export type TopicInput = Input<TopicCreate, 'Name'>;

/**
 * Postrider's HTTP API with its types. Calls throw PostriderApiError (the server said no) or PostriderUnreachableError
 * (no answer). Reads, dry runs and publishes are tried again when the server is away or asks for patience; nothing else is.
 */
export class PostriderClient {
  private readonly transport: Transport;

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
  }

  /** What belongs to one organization. */
  organization(id: string): OrganizationClient {
    return new OrganizationClient(this.transport, id);
  }

  /** Who calls, and what they may do. */
  session(): Promise<Session> {
    return this.transport.call({ method: 'GET', path: '/v1/session' });
  }

  /**
   * For browsers: sets the cookie that the calls after it go by. Those that change something then send the session's
   * `CsrfToken` as X-CSRF-Token (`headers` of the options).
   */
  signIn(by: SignIn): Promise<Session> {
    return this.transport.call({ method: 'POST', path: '/v1/session', body: by });
  }

  signOut(): Promise<void> {
    return this.transport.call({ method: 'DELETE', path: '/v1/session' });
  }

  /** How the services are, each instance by itself: for the admin key. */
  system(): Promise<SystemStatus> {
    return this.transport.call({ method: 'GET', path: '/v1/system' });
  }

  topics(query: PageQuery = {}): Promise<Page<Topic>> {
    return this.transport.call({ method: 'GET', path: '/v1/topics', query: { ...query } });
  }

  topic(name: string): Promise<Topic> {
    return this.transport.call({ method: 'GET', path: `/v1/topics/${encodeURIComponent(name)}` });
  }

  /** The catalog is changed by the admin key alone. */
  createTopic(topic: TopicInput): Promise<Topic> {
    return this.transport.call({ method: 'POST', path: '/v1/topics', body: topic });
  }

  /** A merge patch (RFC 7396): null unsets. */
  changeTopic(name: string, patch: TopicPatch): Promise<Topic> {
    const path = `/v1/topics/${encodeURIComponent(name)}`;
    return this.transport.call({ method: 'PATCH', path, body: patch, contentType: mergePatch });
  }

  deleteTopic(name: string): Promise<void> {
    return this.transport.call({ method: 'DELETE', path: `/v1/topics/${encodeURIComponent(name)}` });
  }

  /** What was changed of the installation, newest first: for the admin key. */
  auditLog(query: PageQuery = {}): Promise<Page<AuditEntry>> {
    return this.transport.call({ method: 'GET', path: '/v1/audit-log', query: { ...query } });
  }

  /** All organizations: for the admin key. */
  organizations(query: PageQuery = {}): Promise<Page<Organization>> {
    return this.transport.call({ method: 'GET', path: '/v1/organizations', query: { ...query } });
  }

  /** What came over NATS for no organization that there is: for the admin key. */
  rejectedEvents(query: PageQuery = {}): Promise<Page<RejectedEvent>> {
    return this.transport.call({ method: 'GET', path: '/v1/rejected-events', query: { ...query } });
  }

  createOrganization(body: { Name: string; Id?: string }): Promise<Organization> {
    return this.transport.call({ method: 'POST', path: '/v1/organizations', body });
  }

  deleteOrganization(id: string): Promise<void> {
    const path = `/v1/organizations/${encodeURIComponent(id)}`;
    return this.transport.call({ method: 'DELETE', path });
  }

  /** Version of the API, from its own document. */
  async version(): Promise<string> {
    const document = await this.transport.call<{ info?: { version?: string } }>({
      method: 'GET',
      path: '/openapi.json',
    });
    return document.info?.version ?? 'unknown';
  }
}
