// The audit log: who changed what of the configuration, and when.
import { z } from 'zod';
import { EpochMs, Uuid } from './text.js';

export const auditActions = [
  'organization.created',
  'organization.changed',
  'organization.deleted',
  'api_key.created',
  'api_key.deleted',
  'webhook.created',
  'webhook.changed',
  'webhook.deleted',
  'webhook.paused',
  'webhook.resumed',
  'webhook.secret_rotated',
  'webhook.confirmed',
  'webhook.unsubscribed',
  'portal_link.created',
  'replay.created',
  'replay.cancelled',
  'topic.created',
  'topic.changed',
  'topic.deleted',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Fields of a resource as its own call shows them; never a secret, a key or an Authorization value. */
const Fields = z.record(z.string(), z.unknown()).nullable();

export const AuditEntry = z.strictObject({
  Id: Uuid,
  /** Null: a change of the installation itself, by the admin key. */
  OrganizationId: Uuid.nullable(),
  CreatedAt: EpochMs,
  Actor: z.strictObject({
    /** `MailReader`: whoever reads the mail of the webhook's address, by a link in it. */
    Type: z.enum(['AdminKey', 'ApiKey', 'MailReader']),
    /** Of the API key. */
    Id: Uuid.nullable(),
    Prefix: z.string().nullable(),
  }),
  /** One of auditActions; a text, so that an old reader takes a new action. */
  Action: z.string(),
  Resource: z.strictObject({ Type: z.string(), Id: z.string() }),
  /** Of a change only the fields that differ; null where there was nothing before. */
  Before: Fields,
  After: Fields,
  /** X-Request-Id of the call. */
  RequestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
