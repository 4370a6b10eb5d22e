import type { Organization, Session, SystemStatus, Topic } from '@postrider/contracts';
import { OrganizationClient, type Page, type PageQuery } from './organization.js';
import { Transport, type ClientOptions } from './transport.js';

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

  /** All organizations: for the admin key. */
  organizations(query: PageQuery = {}): Promise<Page<Organization>> {
    return this.transport.call({ method: 'GET', path: '/v1/organizations', query: { ...query } });
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
