// From the facts of an attempt to the row that records it.
import type { AttemptIds, DeliveryStatus, SentRequest, WebhookConfiguration } from '@postrider/contracts';
import type { DeliveryTask } from '../task.js';
import { classifyResponse, type Verdict } from './classify-response.policy.js';
import type { AttemptOutcome } from './outcome.js';

export interface AttemptFacts {
  readonly task: DeliveryTask;
  readonly ids: AttemptIds;
  readonly url: string;
  readonly userAgent: string;
  readonly startedAt: number;
  /** Unix seconds, as signed. */
  readonly timestamp: number;
  readonly signature: {
    readonly HubSignature: string;
    readonly StandardSignature: string;
    readonly Authorization: string | null;
  } | null;
  readonly result: {
    readonly durationMs: number;
    readonly response: {
      readonly statusCode: number;
      readonly rawHeaders: readonly Buffer[];
      readonly body: Buffer;
      readonly truncated: boolean;
    } | null;
  } | null;
  readonly failure: {
    readonly code: NonNullable<AttemptOutcome['errorCode']>;
    readonly message: string;
    /** Another attempt would fail in the same way. */
    readonly isFinal?: boolean;
  } | null;
  /** The request as sent, where it can't be made anew from the event: a message to people. */
  readonly request: SentRequest | null;
  /** It went along with another delivery, in the same message. */
  readonly isAlong: boolean;
}

/** Once it has ended. Written out: once per delivery, and a copy by spreading costs a microsecond. */
export function endedFacts(
  { task, ids, url, userAgent, startedAt, timestamp, request, isAlong }: AttemptFacts,
  { signature, result, failure }: Pick<AttemptFacts, 'signature' | 'result' | 'failure'>,
): AttemptFacts {
  return { task, ids, url, userAgent, startedAt, timestamp, signature, result, failure, request, isAlong };
}

export function judgeOutcome(
  facts: AttemptFacts,
  webhook: WebhookConfiguration,
  nowMs: number,
  random: number,
): { readonly outcome: AttemptOutcome; readonly isGone: boolean } {
  const response = facts.result?.response ?? null;
  const headers = response === null ? null : headerMap(response.rawHeaders);
  const verdict = classifyResponse(
    {
      statusCode: response?.statusCode ?? null,
      errorCode: facts.failure?.code ?? null,
      retryAfter: headers?.['retry-after'] ?? null,
      isFinal: facts.failure?.isFinal ?? false,
    },
    {
      type: webhook.Type,
      trigger: facts.task.trigger,
      retrySchedule: webhook.RetrySchedule,
      scheduledAttempts: facts.task.scheduledAttempts,
      nowMs,
      random,
    },
  );
  return { outcome: toOutcome(facts, response, headers, verdict, webhook), isGone: verdict.kind === 'gone' };
}

function toOutcome(
  facts: AttemptFacts,
  response: NonNullable<AttemptFacts['result']>['response'],
  headers: Record<string, string> | null,
  verdict: Verdict,
  webhook: WebhookConfiguration,
): AttemptOutcome {
  const { status, delayMs } = nextStep(verdict, webhook);
  return {
    attemptId: facts.ids.attemptId,
    organizationId: facts.task.organizationId,
    deliveryId: facts.ids.deliveryId,
    webhookId: facts.ids.webhookId,
    resendId: facts.task.resendId,
    trigger: facts.task.trigger,
    number: facts.task.attemptNumber,
    leaseUntil: facts.task.leaseUntil,
    startedAt: facts.startedAt,
    durationMs: facts.result?.durationMs ?? 0,
    statusCode: response?.statusCode ?? null,
    errorCode: facts.failure?.code ?? null,
    errorMessage: facts.failure?.message ?? null,
    url: facts.url,
    userAgent: facts.userAgent,
    hasAuthorization: facts.signature !== null && facts.signature.Authorization !== null,
    hubSignature: facts.signature?.HubSignature ?? null,
    standardSignature: facts.signature?.StandardSignature ?? null,
    responseHeaders: headers === null ? null : JSON.stringify(headers),
    responseBody: response?.body ?? null,
    responseTruncated: response?.truncated ?? null,
    isAlong: facts.isAlong,
    request: facts.request === null ? null : JSON.stringify(facts.request),
    status,
    delayMs,
  };
}

/** What becomes of the delivery, by the verdict and by what its webhook is now. */
function nextStep(
  verdict: Verdict,
  webhook: WebhookConfiguration,
): { readonly status: DeliveryStatus; readonly delayMs: number | null } {
  switch (verdict.kind) {
    case 'succeeded':
      return { status: 'Succeeded', delayMs: null };
    case 'exhausted':
    case 'gone':
      return { status: 'Failed', delayMs: null };
    case 'retry':
      if (webhook.Deleted || webhook.State === 'disabled') return { status: 'Cancelled', delayMs: null };
      return { status: webhook.State === 'paused' ? 'Held' : 'Pending', delayMs: verdict.delayMs };
  }
}

/** Lower-case names to values; several of a name are joined by ", " (RFC 9110 section 5.3). Bytes are taken as Latin-1. */
export function headerMap(rawHeaders: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toString('latin1').toLowerCase() ?? '';
    const value = rawHeaders[index + 1]?.toString('latin1') ?? '';
    const all = Object.hasOwn(headers, name) ? `${headers[name] ?? ''}, ${value}` : value;
    if (name !== '__proto__') headers[name] = all;
    // Assigning it would say what the object inherits from.
    else Object.defineProperty(headers, name, { value: all, enumerable: true, configurable: true });
  }
  return headers;
}
