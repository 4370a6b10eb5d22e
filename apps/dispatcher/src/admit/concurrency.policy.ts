// How many requests one webhook may have under way: it grows while answers are quick and shrinks when the receiver
// shows that it can't keep up (additive increase, multiplicative decrease, as TCP does: RFC 5681).

export interface Concurrency {
  /** Requests at the same time; a fraction gathers until it makes a whole one. */
  readonly limit: number;
  /** Below it the limit doubles per round of answers, above it grows by one per round. */
  readonly threshold: number;
  /** Moving average of the durations in ms; null before the first answer. */
  readonly averageMs: number | null;
  /** Until then (epoch ms) another sign of overload says nothing new. */
  readonly calmUntilMs: number;
}

/** `received`: a 2xx; `answered`: any other that does not say that it is too much. */
export type AnswerKind = 'received' | 'answered' | 'overloaded';

export const minLimit = 1;
export const maxLimit = 256;
const firstLimit = 16;
const firstThreshold = 64;
const averageWeight = 0.1;
const calmMs = 1_000;
/** An answer that takes longer, or a quarter of the attempt's time, is no reason to ask for more at the same time. */
const quickMs = 2_000;
/** A queue is as long as about this much time of work, where memory is short. */
const queueMs = 1_000;
/** And this much where there is plenty: well within what a lease allows besides its attempt (leaseMarginMs). */
const longestQueueMs = 6_000;
const minQueue = 4;
const parkedMs = 1_000;

export const newConcurrency: Concurrency = {
  limit: firstLimit,
  threshold: firstThreshold,
  averageMs: null,
  calmUntilMs: 0,
};

/**
 * After an answer (or its absence). One that took half of the attempt's time is a first sign that it is too much, and halves
 * the limit, though not below what a new webhook has: who is slow by nature gets no less than that. `timeoutMs`: Infinity
 * where slow answers of some say nothing of the others, as at an origin.
 */
export function afterAnswer(
  now: Concurrency,
  kind: AnswerKind,
  durationMs: number,
  nowMs: number,
  timeoutMs = Infinity,
): Concurrency {
  const averageMs =
    now.averageMs === null ? durationMs : now.averageMs + averageWeight * (durationMs - now.averageMs);
  if (kind === 'overloaded') {
    return nowMs < now.calmUntilMs
      ? kept(now, now.limit, averageMs)
      : halved(now, minLimit, averageMs, nowMs);
  }
  if (durationMs > timeoutMs / 2 && now.limit > firstLimit && nowMs >= now.calmUntilMs) {
    return halved(now, firstLimit, averageMs, nowMs);
  }
  if (durationMs > Math.min(quickMs, timeoutMs / 4)) return kept(now, now.limit, averageMs);
  const growth = now.limit < now.threshold ? 1 : 1 / now.limit;
  return kept(now, Math.min(maxLimit, now.limit + growth), averageMs);
}

/** Written out: once per delivery, and a copy by spreading costs twenty times as much. */
function kept({ threshold, calmUntilMs }: Concurrency, limit: number, averageMs: number): Concurrency {
  return { limit, threshold, averageMs, calmUntilMs };
}

function halved(now: Concurrency, least: number, averageMs: number, nowMs: number): Concurrency {
  const limit = Math.max(least, now.limit / 2);
  return { limit, threshold: limit, averageMs, calmUntilMs: nowMs + calmMs };
}

/** The receiver is back after an outage: slowly at first, so that what has gathered does not knock it over again. */
export function afterOutage(now: Concurrency): Concurrency {
  return { ...now, limit: minLimit, threshold: firstLimit };
}

/**
 * How much time of work may wait in memory, by how full that is (0: empty, 1: full). What is parked costs PostgreSQL two
 * more updates than what waits, so that a burst that this process itself is too slow for had better wait, as long as there
 * is room.
 */
export function patienceMs(fullness: number): number {
  const free = Math.max(0, 1 - fullness);
  return queueMs + (longestQueueMs - queueMs) * free;
}

/**
 * How many deliveries may wait in memory: what can be begun within `patience` ms, judged by the average and by how long
 * the oldest request under way has already taken.
 */
export function queueAllowance(now: Concurrency, oldestUnderWayMs: number, patience = queueMs): number {
  const expectedMs = Math.max(1, now.averageMs ?? 50, oldestUnderWayMs);
  return Math.max(minQueue, Math.floor((Math.floor(now.limit) * patience) / expectedMs));
}

/**
 * How long what finds no place stays away, in ms: a second, whatever waits before it. A claim brings it back when there is
 * room and not before, so that being due early costs nothing, while a guess at how long the queue will take leaves a
 * receiver idle whenever it was quicker.
 */
export function parkingMs(random: number): number {
  return Math.round(parkedMs * (0.75 + 0.5 * random));
}
