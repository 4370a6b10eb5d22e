import { describe, expect, test } from '@jest/globals';
import type { AttemptErrorCode, WebhookConfiguration } from '@postrider/contracts';
import { makeTask, makeWebhook } from '../../test/makers.js';
import { headerMap, judgeOutcome, type AttemptFacts } from './judge-outcome.js';

const nowMs = Date.UTC(2026, 0, 1);
const buffers = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

function makeFacts(
  answer: { status: number; headers?: string[]; body?: string; truncated?: boolean } | null,
  failure: AttemptErrorCode | null,
  task = makeTask(),
): AttemptFacts {
  return {
    task,
    ids: {
      webhookId: task.webhookId,
      deliveryId: task.deliveryId,
      attemptId: '0190a000-0000-7000-8000-00000000aaaa',
      eventId: task.event.id,
      topic: task.event.topic,
    },
    url: 'https://example.com/hook',
    userAgent: 'Postrider/1',
    startedAt: nowMs - 40,
    timestamp: nowMs / 1000,
    signature: { HubSignature: 'sha256=1', StandardSignature: 'v1,1', Authorization: 'Bearer secret' },
    result: {
      durationMs: 40,
      response:
        answer === null
          ? null
          : {
              statusCode: answer.status,
              rawHeaders: buffers(...(answer.headers ?? [])),
              body: Buffer.from(answer.body ?? ''),
              truncated: answer.truncated ?? false,
            },
    },
    failure: failure === null ? null : { code: failure, message: 'why' },
    request: null,
    isAlong: false,
  };
}

const judge = (facts: AttemptFacts, webhook: Partial<WebhookConfiguration> = {}) =>
  judgeOutcome(facts, makeWebhook(webhook), nowMs, 0.5);

test('a received attempt', () => {
  const task = makeTask({ attemptNumber: 3, trigger: 'retry', scheduledAttempts: 2 });
  const facts = makeFacts({ status: 204, headers: ['Server', 'x'], body: 'ok' }, null, task);
  expect(judge(facts)).toEqual({
    isGone: false,
    outcome: {
      attemptId: facts.ids.attemptId,
      organizationId: task.organizationId,
      deliveryId: task.deliveryId,
      webhookId: task.webhookId,
      resendId: null,
      trigger: 'retry',
      number: 3,
      leaseUntil: task.leaseUntil,
      startedAt: nowMs - 40,
      durationMs: 40,
      statusCode: 204,
      errorCode: null,
      errorMessage: null,
      url: 'https://example.com/hook',
      userAgent: 'Postrider/1',
      hasAuthorization: true,
      hubSignature: 'sha256=1',
      standardSignature: 'v1,1',
      responseHeaders: '{"server":"x"}',
      responseBody: Buffer.from('ok'),
      responseTruncated: false,
      request: null,
      isAlong: false,
      status: 'Succeeded',
      delayMs: null,
    },
  });
});

test('the Authorization value is not part of the record', () => {
  expect(JSON.stringify(judge(makeFacts({ status: 200 }, null)))).not.toContain('Bearer');
});

test('an attempt that was never sent', () => {
  const facts = { ...makeFacts(null, 'egress_blocked'), signature: null, result: null };
  expect(judge(facts).outcome).toMatchObject({
    statusCode: null,
    durationMs: 0,
    errorCode: 'egress_blocked',
    errorMessage: 'why',
    hasAuthorization: false,
    hubSignature: null,
    responseHeaders: null,
    responseBody: null,
    responseTruncated: null,
    status: 'Pending',
  });
});

describe('what becomes of the delivery', () => {
  const failed = (task = makeTask()) => makeFacts({ status: 500 }, 'http_status', task);

  test('a failed attempt with retries left waits for the next', () => {
    expect(judge(failed()).outcome).toMatchObject({ status: 'Pending', delayMs: 5_000 });
  });

  test('Retry-After of the answer moves it later', () => {
    const facts = makeFacts({ status: 503, headers: ['RETRY-AFTER', '60'] }, 'http_status');
    expect(judge(facts).outcome).toMatchObject({ status: 'Pending', delayMs: 60_000 });
  });

  test.each([
    ['paused', { State: 'paused' as const }, 'Held'],
    ['disabled', { State: 'disabled' as const }, 'Cancelled'],
    ['deleted', { Deleted: true }, 'Cancelled'],
    ['deleted while it was paused', { State: 'paused' as const, Deleted: true }, 'Cancelled'],
  ])('a webhook that was %s meanwhile', (_what, webhook, status) => {
    expect(judge(failed(), webhook).outcome.status).toBe(status);
    // What was received was received.
    expect(judge(makeFacts({ status: 200 }, null), webhook).outcome.status).toBe('Succeeded');
  });

  test('the last attempt of the schedule, a ping and a resend fail for good', () => {
    for (const task of [
      makeTask({ scheduledAttempts: 9, trigger: 'retry' }),
      makeTask({ trigger: 'ping' }),
      makeTask({ trigger: 'resend', resendId: 'r' }),
    ]) {
      expect(judge(failed(task)).outcome).toMatchObject({ status: 'Failed', delayMs: null });
    }
    expect(judge(failed(), { RetrySchedule: [] }).outcome).toMatchObject({ status: 'Failed', delayMs: null });
  });

  test('410 says that the webhook is gone', () => {
    const { outcome, isGone } = judge(makeFacts({ status: 410 }, 'http_status'));
    expect([isGone, outcome.status]).toEqual([true, 'Failed']);
  });
});

describe('headerMap', () => {
  test.each([
    ['none', [], {}],
    ['names in lower case', ['Content-TYPE', 'a/b'], { 'content-type': 'a/b' }],
    [
      'several of a name, in order',
      ['Set-Cookie', 'a=1', 'X', '', 'set-cookie', 'b=2'],
      { 'set-cookie': 'a=1, b=2', x: '' },
    ],
    ['bytes as Latin-1', ['x', '\u00e9\u00ff'], { x: 'éÿ' }],
    ['names that objects have a meaning for', ['constructor', '1'], { constructor: '1' }],
    ['a name without a value is none', ['a', '1', 'b'], { a: '1' }],
  ])('%s', (_what, raw, expected) => {
    expect(headerMap(buffers(...raw))).toEqual(expected);
  });

  test('__proto__ is a header like any other', () => {
    const map = headerMap(buffers('__proto__', 'x'));
    expect(JSON.stringify(map)).toBe('{"__proto__":"x"}');
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
  });
});
