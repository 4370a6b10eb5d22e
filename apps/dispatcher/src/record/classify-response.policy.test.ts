import { describe, expect, test } from '@jest/globals';
import { attemptErrorCodes, defaultRetrySchedule, type AttemptErrorCode } from '@postrider/contracts';
import { classifyResponse, retryAfterMs, type RetryContext } from './classify-response.policy.js';

const nowMs = Date.UTC(2026, 0, 1);
const context: RetryContext = {
  type: 'webhook',
  trigger: 'event',
  retrySchedule: null,
  scheduledAttempts: 0,
  nowMs,
  random: 0.5,
};
const failed = (
  statusCode: number | null,
  errorCode: AttemptErrorCode = 'http_status',
  retryAfter: string | null = null,
) => ({
  statusCode,
  errorCode,
  retryAfter,
  isFinal: false,
});

describe('every kind of outcome', () => {
  test.each([200, 201, 202, 204, 206, 226, 299])('%i is received', (statusCode) => {
    expect(
      classifyResponse({ statusCode, errorCode: null, retryAfter: '60', isFinal: false }, context),
    ).toEqual({
      kind: 'succeeded',
    });
  });

  test.each([
    100, 199, 301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 409, 422, 429, 451, 500, 502, 503, 504, 599,
    999,
  ])('%i is retried', (statusCode) => {
    expect(classifyResponse(failed(statusCode), context)).toEqual({ kind: 'retry', delayMs: 5000 });
  });

  test.each(attemptErrorCodes)('%s without a status is retried', (code) => {
    expect(classifyResponse(failed(null, code), context)).toEqual({ kind: 'retry', delayMs: 5000 });
  });

  test.each(['event', 'retry', 'ping', 'resend'] as const)('410 ends the webhook, on %s too', (trigger) => {
    expect(classifyResponse(failed(410), { ...context, trigger })).toEqual({ kind: 'gone' });
    expect(classifyResponse(failed(410, 'timeout_body'), { ...context, trigger })).toEqual({ kind: 'gone' });
  });

  test.each([
    ['slack', 404, 'gone'],
    ['slack', 410, 'gone'],
    ['slack', 403, 'retry'],
    ['teams', 404, 'retry'],
    ['teams', 410, 'gone'],
    ['email', 410, 'retry'],
  ] as const)('%s: %i is %s', (type, statusCode, kind) => {
    expect(classifyResponse(failed(statusCode), { ...context, type }).kind).toBe(kind);
  });

  test('what would fail again in the same way is not tried again', () => {
    expect(classifyResponse({ ...failed(null), isFinal: true }, context)).toEqual({ kind: 'exhausted' });
  });

  test.each(['ping', 'resend'] as const)('a %s has no retries', (trigger) => {
    expect(classifyResponse(failed(500), { ...context, trigger })).toEqual({ kind: 'exhausted' });
    expect(classifyResponse(failed(503, 'http_status', '10'), { ...context, trigger })).toEqual({
      kind: 'exhausted',
    });
  });
});

describe('the schedule', () => {
  test.each(defaultRetrySchedule.map((seconds, index) => [index + 1, seconds]))(
    'after attempt %i: %i s ± 20 %%',
    (attempt, seconds) => {
      const at = (random: number) =>
        classifyResponse(failed(500), { ...context, scheduledAttempts: attempt - 1, random });
      expect(at(0)).toEqual({ kind: 'retry', delayMs: seconds * 800 });
      expect(at(0.5)).toEqual({ kind: 'retry', delayMs: seconds * 1000 });
      expect(at(0.999_999_999)).toEqual({ kind: 'retry', delayMs: seconds * 1200 });
    },
  );

  test('ten attempts, then no more', () => {
    expect(classifyResponse(failed(500), { ...context, scheduledAttempts: 9 })).toEqual({
      kind: 'exhausted',
    });
  });

  test("a webhook's own schedule; an empty one is one attempt", () => {
    const own = (scheduledAttempts: number) =>
      classifyResponse(failed(500), { ...context, retrySchedule: [1, 2], scheduledAttempts });
    expect([own(0), own(1), own(2)]).toEqual([
      { kind: 'retry', delayMs: 1000 },
      { kind: 'retry', delayMs: 2000 },
      { kind: 'exhausted' },
    ]);
    expect(classifyResponse(failed(500), { ...context, retrySchedule: [] })).toEqual({ kind: 'exhausted' });
  });
});

describe('Retry-After', () => {
  test.each([
    ['later than the schedule moves it', '60', 60_000],
    ['earlier than the schedule does not', '1', 5000],
    ['is capped at 24 h', '999999', 86_400_000],
    ['is capped at 24 h, however long the number', '9'.repeat(400), 86_400_000],
    ['as a date', new Date(nowMs + 90_000).toUTCString(), 90_000],
    ['as a date in the past', new Date(nowMs - 90_000).toUTCString(), 5000],
    ['that is nonsense', 'soon', 5000],
  ])('%s', (_what, header, delayMs) => {
    expect(classifyResponse(failed(503, 'http_status', header), context)).toEqual({ kind: 'retry', delayMs });
  });

  test.each(['', '-5', '5.5', '1e3', '0x10', 'May', 'Tomorrow, please'])('%j is not read', (text) => {
    expect(retryAfterMs(text, nowMs)).toBeNull();
  });

  test('the older date forms of RFC 9110 are read', () => {
    expect(retryAfterMs('Thursday, 01-Jan-26 00:01:00 GMT', nowMs)).toBe(60_000);
    expect(retryAfterMs('Thu Jan  1 00:01:00 2026', nowMs)).toBe(60_000);
  });
});
