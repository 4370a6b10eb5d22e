// What an attempt's outcome means for its delivery: the one place that decides (product.md, section 2).
import {
  defaultRetrySchedule,
  type AttemptErrorCode,
  type AttemptTrigger,
  type WebhookType,
} from '@postrider/contracts';

export interface AttemptResult {
  /** null: no status line came. */
  readonly statusCode: number | null;
  /** null exactly where the attempt was received (2xx). */
  readonly errorCode: AttemptErrorCode | null;
  /** `Retry-After` as sent, or null. */
  readonly retryAfter: string | null;
  /** Another attempt would fail in the same way. */
  readonly isFinal: boolean;
}

export interface RetryContext {
  readonly type: WebhookType;
  readonly trigger: AttemptTrigger;
  /** The webhook's own schedule in seconds, or null for the default. */
  readonly retrySchedule: readonly number[] | null;
  /** Scheduled attempts before this one. */
  readonly scheduledAttempts: number;
  /** Epoch ms, for a `Retry-After` that is a date. */
  readonly nowMs: number;
  /** 0 ≤ random < 1. */
  readonly random: number;
}

export type Verdict =
  | { readonly kind: 'succeeded' }
  /** Another attempt, so many ms from now. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** No attempt is left. */
  | { readonly kind: 'exhausted' }
  /** 410 (or what a service says instead): the receiver wants no more of anything. */
  | { readonly kind: 'gone' };

/** Slack answers 404 for a webhook that was removed, and for a workspace or a channel that is gone. */
const goneStatusCodes: Readonly<Record<WebhookType, readonly number[]>> = {
  webhook: [410],
  slack: [404, 410],
  teams: [410],
  email: [],
};
const jitter = 0.2;
const maxRetryAfterMs = 24 * 3_600_000;

export function classifyResponse(result: AttemptResult, context: RetryContext): Verdict {
  if (result.errorCode === null) return { kind: 'succeeded' };
  if (result.statusCode !== null && goneStatusCodes[context.type].includes(result.statusCode)) {
    return { kind: 'gone' };
  }
  if (result.isFinal) return { kind: 'exhausted' };
  // Pings and resends are one attempt without retries of their own.
  if (context.trigger === 'ping' || context.trigger === 'resend') return { kind: 'exhausted' };
  const schedule = context.retrySchedule ?? defaultRetrySchedule;
  const seconds = schedule[context.scheduledAttempts];
  if (seconds === undefined) return { kind: 'exhausted' };
  const scheduledMs = seconds * 1000 * (1 - jitter + 2 * jitter * context.random);
  const askedForMs = retryAfterMs(result.retryAfter, context.nowMs) ?? 0;
  return { kind: 'retry', delayMs: Math.round(Math.max(scheduledMs, askedForMs)) };
}

/**
 * How long `Retry-After` asks to wait, in ms, 0 .. 24 h; null where it says nothing that can be read.
 * RFC 9110 section 10.2.3: delay-seconds or an HTTP-date.
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, maxRetryAfterMs);
  // All three date forms of RFC 9110 begin with the name of a day; Date.parse alone would take "5.5" for a month. The
  // oldest does not say that it is GMT.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return null;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  if (Number.isNaN(date)) return null;
  return Math.min(Math.max(0, date - nowMs), maxRetryAfterMs);
}
