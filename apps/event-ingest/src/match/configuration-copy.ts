// The configuration in memory: whom an event goes to is answered without asking anybody. PostgreSQL is the truth; this
// follows it (keep-configuration.ts), and of two versions of an entry the higher wins, in whatever order they come.
import type {
  ConfigurationEntry,
  FieldError,
  Filter,
  TopicConfiguration,
  WebhookConfiguration,
} from '@postrider/contracts';
import {
  compileDataSchema,
  compileFilter,
  compileTopics,
  evaluate,
  filterableEvent,
  matchesTopic,
  type CompiledFilter,
  type DataValidator,
  type FilterableEvent,
  type TopicIndex,
} from '@postrider/matching';
import type { IncomingEvent, Target } from '../shared/event.js';

/** What matching needs of a webhook: of 100,000 webhooks no more is kept. */
interface CopiedWebhook {
  readonly id: string;
  readonly Topics: readonly string[];
  readonly filter: Filter | null;
  /** Compiled when an event first asks for it. */
  compiled: CompiledFilter | null;
  readonly state: WebhookConfiguration['State'];
  readonly timeoutSeconds: number;
  readonly version: number;
}

interface CopiedTopic {
  readonly exists: boolean;
  readonly version: number;
  /** The schema that is enforced, or null. */
  readonly schema: TopicConfiguration['Schema'];
  /** Compiled when an event first asks for it. */
  validate: DataValidator | null;
}

interface CopiedOrganization {
  exists: boolean;
  version: number;
  readonly webhooks: Map<string, CopiedWebhook>;
  /** Of the webhooks that are not disabled; made anew after a change, when an event first asks. */
  index: TopicIndex<CopiedWebhook> | null;
}

interface Tombstone {
  readonly version: number;
  readonly seenAtMs: number;
}

/** Longer than an older version of a deleted entry can be on its way. */
const tombstonesKeptMs = 600_000;

export class ConfigurationCopy {
  private readonly organizations = new Map<string, CopiedOrganization>();
  private readonly topics = new Map<string, CopiedTopic>();
  private readonly deletedWebhooks = new Map<string, Tombstone>();

  /**
   * `onFailure` is told of a filter that does not compile, once, or can't be evaluated: it lets nothing through; and of a
   * schema that does not compile: it refuses nothing.
   */
  constructor(
    private readonly onFailure: (what: 'filter' | 'schema', ofWhat: string, error: unknown) => void,
    private readonly onWithheld: () => void = () => undefined,
  ) {}

  hasOrganization(organizationId: string): boolean {
    return this.organizations.get(organizationId)?.exists ?? false;
  }

  hasTopic(name: string): boolean {
    return this.topics.get(name)?.exists ?? false;
  }

  /** What the schema that a topic enforces says of an event's `Data` (JSON text); its pointer begins with `/Data`. */
  judgeData(topicName: string, data: string): FieldError | null {
    const topic = this.topics.get(topicName);
    if (topic === undefined || topic.schema === null) return null;
    topic.validate ??= this.compileSchema(topicName, topic.schema);
    const problem = topic.validate(JSON.parse(data));
    return problem === null ? null : { pointer: `/Data${problem.pointer}`, detail: problem.detail };
  }

  private compileSchema(topic: string, schema: NonNullable<CopiedTopic['schema']>): DataValidator {
    try {
      return compileDataSchema(schema);
    } catch (error) {
      this.onFailure('schema', topic, error);
      return () => null;
    }
  }

  get counts(): { readonly organizations: number; readonly webhooks: number } {
    let webhooks = 0;
    for (const organization of this.organizations.values()) webhooks += organization.webhooks.size;
    return { organizations: this.organizations.size, webhooks };
  }

  /** The webhooks that want this event; its JSON is parsed at most once, and only where a filter looks into it. */
  match(event: IncomingEvent, wants: (webhook: CopiedWebhook) => boolean = () => true): Target[] {
    const organization = this.organizations.get(event.organizationId);
    if (organization === undefined) return [];
    organization.index ??= compileTopics(
      [...organization.webhooks.values()].filter(({ state }) => state !== 'disabled'),
    );
    const targets: Target[] = [];
    let filterable: FilterableEvent | null = null;
    for (const webhook of organization.index.find(event.topic)) {
      if (!wants(webhook)) continue;
      if (webhook.filter !== null) {
        filterable ??= filterableEvent(event.data, event.resource, event.actor);
        if (!this.passes(webhook, webhook.filter, filterable)) {
          this.onWithheld();
          continue;
        }
      }
      targets.push({
        webhookId: webhook.id,
        timeoutSeconds: webhook.timeoutSeconds,
        held: webhook.state === 'paused',
      });
    }
    return targets;
  }

  /**
   * Whom to tell what has become of a webhook: never itself, and those that name such topics; `*` is every topic of
   * publishers (docs/adr/0007).
   */
  matchOperational(event: IncomingEvent, aboutWebhookId: string): Target[] {
    return this.match(
      event,
      ({ id, Topics }) =>
        id !== aboutWebhookId &&
        Topics.some((pattern) => pattern !== '*' && matchesTopic(pattern, event.topic)),
    );
  }

  /** config-api has judged the filter by the same code; should it fail here, nobody gets what they did not ask for. */
  private passes(webhook: CopiedWebhook, filter: Filter, event: FilterableEvent): boolean {
    try {
      webhook.compiled ??= compileFilter(filter);
      return evaluate(webhook.compiled, event).passes;
    } catch (error) {
      this.onFailure('filter', webhook.id, error);
      webhook.compiled ??= [() => false];
      return false;
    }
  }

  /** Takes an entry unless a higher version of it was here already. */
  apply(entry: ConfigurationEntry): void {
    switch (entry.kind) {
      case 'organization': {
        const organization = this.organization(entry.value.Id);
        if (entry.value.Version < organization.version) return;
        organization.version = entry.value.Version;
        organization.exists = !entry.value.Deleted;
        if (entry.value.Deleted) {
          organization.webhooks.clear();
          organization.index = null;
        }
        return;
      }
      case 'topic': {
        const { Name, Version, Deleted, Schema, EnforceSchema } = entry.value;
        if (Version < (this.topics.get(Name)?.version ?? 0)) return;
        const schema = EnforceSchema ? Schema : null;
        this.topics.set(Name, { exists: !Deleted, version: Version, schema, validate: null });
        return;
      }
      case 'webhook':
        this.applyWebhook(entry.value);
    }
  }

  private applyWebhook(webhook: WebhookConfiguration): void {
    const organization = this.organization(webhook.OrganizationId);
    const seen = Math.max(
      organization.webhooks.get(webhook.Id)?.version ?? -1,
      this.deletedWebhooks.get(webhook.Id)?.version ?? -1,
    );
    if (webhook.Version <= seen) return;
    organization.index = null;
    if (webhook.Deleted) {
      organization.webhooks.delete(webhook.Id);
      this.deletedWebhooks.set(webhook.Id, { version: webhook.Version, seenAtMs: Date.now() });
      return;
    }
    organization.webhooks.set(webhook.Id, {
      id: webhook.Id,
      Topics: webhook.Topics,
      filter: webhook.Filter === null || webhook.Filter.length === 0 ? null : webhook.Filter,
      compiled: null,
      state: webhook.State,
      timeoutSeconds: webhook.TimeoutSeconds,
      version: webhook.Version,
    });
  }

  private organization(id: string): CopiedOrganization {
    const found = this.organizations.get(id);
    if (found !== undefined) return found;
    const made: CopiedOrganization = { exists: false, version: 0, webhooks: new Map(), index: null };
    this.organizations.set(id, made);
    return made;
  }

  /** Forgets what was deleted long ago. */
  forgetTombstones(nowMs: number): void {
    for (const [id, { seenAtMs }] of this.deletedWebhooks) {
      if (seenAtMs < nowMs - tombstonesKeptMs) this.deletedWebhooks.delete(id);
    }
  }
}
