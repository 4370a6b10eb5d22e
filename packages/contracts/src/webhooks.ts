// A webhook: one configured destination.
import { z } from 'zod';
import { AuthorizationValue, EpochMs, Name, TopicPattern, Uuid } from './text.js';

export const webhookTypes = ['webhook', 'slack', 'teams', 'email'] as const;
export const WebhookType = z.enum(webhookTypes, { error: `must be one of ${webhookTypes.join(', ')}` });
export type WebhookType = z.infer<typeof WebhookType>;

export const webhookStates = ['enabled', 'paused', 'disabled'] as const;
export const WebhookState = z.enum(webhookStates);
export type WebhookState = z.infer<typeof WebhookState>;

/** `gone`: the receiver answered 410; `failing`: nothing but failures for 5 days. */
export const DisabledReason = z.enum(['gone', 'failing']);
export type DisabledReason = z.infer<typeof DisabledReason>;

export const filterOperators = [
  'is',
  'is_not',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'matches',
] as const;

/** One rule of a filter; what its field and value may be is judged by packages/matching. */
export const FilterRule = z.strictObject({
  Field: z.string().min(1).max(256),
  Operator: z.enum(filterOperators, { error: `must be one of ${filterOperators.join(', ')}` }),
  Value: z.union([z.string().max(4096), z.number(), z.boolean(), z.null()], {
    error: 'must be a text, a number, true, false or null',
  }),
});
export type FilterRule = z.infer<typeof FilterRule>;

export const Filter = z.array(FilterRule).max(20, { error: 'at most 20 rules' });
export type Filter = z.infer<typeof Filter>;

export const defaultTimeoutSeconds = 15;
/** Seconds after a failed attempt until the next; 10 attempts in about 75 h. product: each ±20 %. */
export const defaultRetrySchedule: readonly number[] = [
  5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
];

/** The topics of a webhook, as it names them. */
export const TopicPatterns = z
  .array(TopicPattern)
  .min(1, { error: 'name at least one topic' })
  .max(100, { error: 'at most 100 topics' })
  .refine((list) => new Set(list).size === list.length, { error: 'names a topic twice' });
const Url = z
  .string({ error: 'must be a text: an https URL' })
  .min(1)
  .max(2048, { error: 'must be at most 2048 characters' });
const Email = z.string().min(3).max(320);
const TimeoutSeconds = z.int({ error: 'must be an integer, 1..30' }).min(1).max(30);
const RetrySchedule = z
  .array(z.int().min(1).max(604_800), { error: 'must be an array of seconds' })
  .max(20, { error: 'at most 20 entries' });
const RateLimitPerSecond = z.int({ error: 'must be an integer, 1..10000' }).min(1).max(10_000);

export const WebhookCreate = z.strictObject({
  Alias: Name.nullable().default(null),
  Type: WebhookType.default('webhook'),
  Url: Url.optional(),
  Email: Email.optional(),
  Authorization: AuthorizationValue.nullable().default(null),
  Topics: TopicPatterns,
  Filter: Filter.nullable().default(null),
  TimeoutSeconds: TimeoutSeconds.default(defaultTimeoutSeconds),
  RetrySchedule: RetrySchedule.nullable().default(null),
  RateLimitPerSecond: RateLimitPerSecond.nullable().default(null),
});
export type WebhookCreate = z.infer<typeof WebhookCreate>;

/** RFC 7396 merge patch: null unsets; what can't be unset refuses null. */
export const WebhookPatch = z.strictObject({
  Alias: Name.nullable().optional(),
  Type: WebhookType.optional(),
  Url: Url.optional(),
  Email: Email.optional(),
  Authorization: AuthorizationValue.nullable().optional(),
  Topics: TopicPatterns.optional(),
  Filter: Filter.nullable().optional(),
  TimeoutSeconds: TimeoutSeconds.nullable().optional(),
  RetrySchedule: RetrySchedule.nullable().optional(),
  RateLimitPerSecond: RateLimitPerSecond.nullable().optional(),
});
export type WebhookPatch = z.infer<typeof WebhookPatch>;

export const Webhook = z.strictObject({
  Id: Uuid,
  OrganizationId: Uuid,
  Alias: z.string().nullable(),
  Type: WebhookType,
  Url: z.string().nullable(),
  Email: z.string().nullable(),
  /** Null until the reader of `Email` has agreed by the link that was sent there. */
  EmailConfirmedAt: EpochMs.nullable(),
  HasAuthorization: z.boolean(),
  Topics: z.array(z.string()),
  Filter: Filter.nullable(),
  State: WebhookState,
  DisabledReason: DisabledReason.nullable(),
  TimeoutSeconds: z.int(),
  RetrySchedule: z.array(z.int()).nullable(),
  RateLimitPerSecond: z.int().nullable(),
  SecretCreatedAt: EpochMs.nullable(),
  PreviousSecretExpiresAt: EpochMs.nullable(),
  LastSucceededAt: EpochMs.nullable(),
  LastFailedAt: EpochMs.nullable(),
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
});
export type Webhook = z.infer<typeof Webhook>;

/** `whsec_` + base64 of 32 random bytes: told at creation and rotation, never again. */
export const SigningSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]{43}=$/);

/** The answers to creation and rotation, the only ones that tell the secret. */
export const WebhookWithSecret = Webhook.extend({ SigningSecret: SigningSecret.nullable() });
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>;

export const RotateSecret = z.strictObject({
  GraceSeconds: z.int({ error: 'must be an integer, 0..604800' }).min(0).max(604_800).default(86_400),
});
export type RotateSecret = z.infer<typeof RotateSecret>;

export const ResumeWebhook = z.strictObject({
  Held: z.enum(['deliver', 'discard'], { error: 'must be "deliver" or "discard"' }).default('deliver'),
});
export type ResumeWebhook = z.infer<typeof ResumeWebhook>;
