// Replays: many deliveries sent again, at a rate, with progress.
import { z } from 'zod';
import { DeliveryStatus } from './deliveries.js';
import { EpochMs, TopicName, Uuid } from './text.js';

export const defaultReplayRate = 100;
/** Deliveries of one replay at most. */
export const maxReplayTotal = 100_000;
/** Replays of an organization that run at the same time at most. */
export const maxRunningReplays = 10;

/** `From` and `To` bound the deliveries' `CreatedAt`, both inclusive; what is created after the replay is not in it. */
export const ReplayCreate = z.strictObject({
  WebhookId: Uuid.nullable().default(null),
  Status: DeliveryStatus.nullable().default(null),
  Topic: TopicName.nullable().default(null),
  From: EpochMs,
  To: EpochMs,
  DryRun: z.boolean({ error: 'must be true or false' }).default(false),
  RatePerSecond: z.int({ error: 'must be an integer, 1..1000' }).min(1).max(1_000).default(defaultReplayRate),
});
export type ReplayCreate = z.infer<typeof ReplayCreate>;

export const ReplayState = z.enum(['Running', 'Completed', 'Cancelled']);
export type ReplayState = z.infer<typeof ReplayState>;

/**
 * `Done` is `Succeeded` + `Failed`. Failed is also what could not be sent: its webhook was disabled or deleted, or its
 * event is past its time.
 */
export const Replay = z.strictObject({
  Id: Uuid,
  OrganizationId: Uuid,
  WebhookId: Uuid.nullable(),
  Status: DeliveryStatus.nullable(),
  Topic: z.string().nullable(),
  From: EpochMs,
  To: EpochMs,
  RatePerSecond: z.int(),
  Total: z.int().min(0),
  Done: z.int().min(0),
  Succeeded: z.int().min(0),
  Failed: z.int().min(0),
  State: ReplayState,
  CreatedAt: EpochMs,
  FinishedAt: EpochMs.nullable(),
});
export type Replay = z.infer<typeof Replay>;

/** The answer to a dry run: how many deliveries a replay would send. */
export const ReplayPreview = z.strictObject({ DryRun: z.literal(true), Total: z.int().min(0) });
export type ReplayPreview = z.infer<typeof ReplayPreview>;
