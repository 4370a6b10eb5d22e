// The catalog of topics: what can happen, told to people and checked by machines.
import { z } from 'zod';
import { EpochMs, JsonObject, Name, TopicName } from './text.js';

export const PING_TOPIC = 'webhook.ping';
/** What becomes of a webhook, told to the organization's other webhooks. */
export const operationalTopics = ['webhook.disabled', 'webhook.failing', 'webhook.recovered'] as const;
export const OperationalTopic = z.enum(operationalTopics);
export type OperationalTopic = z.infer<typeof OperationalTopic>;
/** Topics below this prefix are Postrider's own; nobody else may publish them. */
export const RESERVED_TOPIC_PREFIX = 'webhook.';

/** Lines and tabs are fine; other control characters (PostgreSQL takes no NUL) and lone surrogates are not. */
const Description = z
  .string()
  .max(1000)
  .refine((text) => !/[^\P{Cc}\t\r\n]/u.test(text), { error: 'must not contain control characters' })
  .refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode (it has a lone surrogate)' });

export const TopicCreate = z.strictObject({
  Name: TopicName,
  Title: Name.nullable().default(null),
  Description: Description.nullable().default(null),
  Example: JsonObject.nullable().default(null),
  Schema: JsonObject.nullable().default(null),
  EnforceSchema: z.boolean().default(false),
  Deprecated: z.boolean().default(false),
});
export type TopicCreate = z.infer<typeof TopicCreate>;

export const TopicPatch = z.strictObject({
  Title: Name.nullable().optional(),
  Description: Description.nullable().optional(),
  Example: JsonObject.nullable().optional(),
  Schema: JsonObject.nullable().optional(),
  EnforceSchema: z.boolean().optional(),
  Deprecated: z.boolean().optional(),
});
export type TopicPatch = z.infer<typeof TopicPatch>;

/** `Deprecated` topics work as before: it says that nothing new should be built on them. */
export const Topic = z.strictObject({
  Name: TopicName,
  Title: z.string().nullable(),
  Description: z.string().nullable(),
  Example: JsonObject.nullable(),
  Schema: JsonObject.nullable(),
  EnforceSchema: z.boolean(),
  Deprecated: z.boolean(),
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
});
export type Topic = z.infer<typeof Topic>;

/** Sends the topic's example to one webhook. */
export const SendExample = z.strictObject({ Topic: TopicName });
export type SendExample = z.infer<typeof SendExample>;
