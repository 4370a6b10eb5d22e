// What event-ingest and dispatcher know of the configuration: the values in the KV bucket `configuration`.
// Nothing secret stands in them.
import { z } from 'zod';
import { DisabledReason, Filter, WebhookState, WebhookType } from './webhooks.js';
import { EpochMs, Uuid } from './text.js';

/** Higher wins; taken from one sequence in PostgreSQL at each change. */
const Version = z.int().min(0);

export const WebhookConfiguration = z.object({
  Id: Uuid,
  OrganizationId: Uuid,
  Alias: z.string().nullable(),
  Type: WebhookType,
  Url: z.string().nullable(),
  Email: z.string().nullable(),
  /** When its reader has agreed to get mail; absent from entries of older versions. */
  EmailConfirmedAt: EpochMs.nullable().default(null),
  Topics: z.array(z.string()),
  Filter: Filter.nullable(),
  State: WebhookState,
  DisabledReason: DisabledReason.nullable(),
  TimeoutSeconds: z.int(),
  RetrySchedule: z.array(z.int()).nullable(),
  RateLimitPerSecond: z.int().nullable(),
  /** The newest signing secret: a signer that knows only an older one reads again before it signs. */
  SecretVersion: z.int(),
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
  Deleted: z.boolean(),
  Version,
});
export type WebhookConfiguration = z.infer<typeof WebhookConfiguration>;

export const OrganizationConfiguration = z.object({ Id: Uuid, Deleted: z.boolean(), Version });
export type OrganizationConfiguration = z.infer<typeof OrganizationConfiguration>;

export const TopicConfiguration = z.object({
  Name: z.string(),
  Schema: z.record(z.string(), z.unknown()).nullable(),
  EnforceSchema: z.boolean(),
  Deleted: z.boolean(),
  Version,
});
export type TopicConfiguration = z.infer<typeof TopicConfiguration>;

/** An entry of the bucket, told apart by the first word of its key. */
export type ConfigurationEntry =
  | { readonly kind: 'organization'; readonly value: OrganizationConfiguration }
  | { readonly kind: 'webhook'; readonly value: WebhookConfiguration }
  | { readonly kind: 'topic'; readonly value: TopicConfiguration };

/** Key of an entry in the bucket: `organizations.<id>`, `webhooks.<organization>.<id>`, `topics.<name>`. */
export function configurationKey(entry: ConfigurationEntry): string {
  switch (entry.kind) {
    case 'organization':
      return `organizations.${entry.value.Id}`;
    case 'webhook':
      return `webhooks.${entry.value.OrganizationId}.${entry.value.Id}`;
    case 'topic':
      return `topics.${entry.value.Name}`;
  }
}

/** Reads an entry back; null where key and value don't fit (recorded by the caller, never fatal). */
export function parseConfigurationEntry(key: string, value: unknown): ConfigurationEntry | null {
  const kind = key.slice(0, key.indexOf('.'));
  if (kind === 'organizations') {
    const parsed = OrganizationConfiguration.safeParse(value);
    return parsed.success ? { kind: 'organization', value: parsed.data } : null;
  }
  if (kind === 'webhooks') {
    const parsed = WebhookConfiguration.safeParse(value);
    return parsed.success ? { kind: 'webhook', value: parsed.data } : null;
  }
  if (kind === 'topics') {
    const parsed = TopicConfiguration.safeParse(value);
    return parsed.success ? { kind: 'topic', value: parsed.data } : null;
  }
  return null;
}
