// Trying a filter on what has happened: which of the last events would a webhook with it have got?
import { z } from 'zod';
import { EventSummary } from './events.js';
import { Filter, TopicPatterns } from './webhooks.js';

/** How many events a filter is tried on: the newest ones of the organization. */
export const maxTestedEvents = 500;

export const FilterTest = z.strictObject({
  Filter: Filter.nullable(),
  /** Default: every topic. */
  Topics: TopicPatterns.optional(),
});
export type FilterTest = z.infer<typeof FilterTest>;

/** `Tested` events were looked at, newest first, and `Passed` of them, the `Events`, are let through. */
export const FilterTestResult = z.strictObject({
  Tested: z.int().min(0).max(maxTestedEvents),
  Passed: z.int().min(0).max(maxTestedEvents),
  Events: z.array(EventSummary),
});
export type FilterTestResult = z.infer<typeof FilterTestResult>;
