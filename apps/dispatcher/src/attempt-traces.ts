// The part of a trace that this service tells: an attempt, and below it the lane, the wait, the signature, the request
// and the record. There is none of this unless an OTLP endpoint is configured.
//
// What came by the lane continues the trace of its event. What comes later (retries, resends) comes from PostgreSQL, which
// knows no traces: all of it stands in one trace whose id is the delivery's, and the first attempt links to it.
import { leaseMs, type WebhookConfiguration } from '@postrider/contracts';
import {
  readTraceparent,
  startTracer,
  traceIdOf,
  version,
  writeTraceparent,
  type Logger,
  type Span,
  type SpanAttributes,
  type Trace,
  type Tracer,
} from '@postrider/runtime';
import type { DispatcherConfig } from './config.js';
import type { AttemptOutcome } from './record/outcome.js';
import type { DeliveryTask } from './task.js';

/** Shorter waits than this are no news. */
const waitWorthTellingMs = 1;
const rebaseMs = 10_000;

interface UnderWay {
  readonly trace: Trace;
  readonly parent: Trace | null;
  readonly task: DeliveryTask;
  /** When the lane took the delivery up; null where it was claimed. */
  readonly committedAt: number | null;
  readonly takenAt: number;
  readonly startedAt: number;
  signedAt: number | null;
  endedAt: number | null;
  outcome: AttemptOutcome | null;
}

export interface AttemptTracesOptions {
  readonly tracer: Tracer;
  /** Epoch ms by the database's clock. */
  readonly nowMs: () => number;
  /** Whether receivers are told the trace. */
  readonly tellsReceivers: boolean;
}

/** null where no OTLP endpoint is configured. */
export function startAttemptTraces(
  config: Pick<DispatcherConfig, 'tracing' | 'tracesReceivers'>,
  nowMs: () => number,
  logger: Logger,
): AttemptTraces | null {
  const onError = (error: unknown): void => logger.warn({ error }, 'traces.not.sent');
  const tracer = startTracer({ service: 'dispatcher', version, config: config.tracing, onError });
  return tracer === null
    ? null
    : new AttemptTraces({ tracer, nowMs, tellsReceivers: config.tracesReceivers });
}

export class AttemptTraces {
  private readonly takenAt = new WeakMap<DeliveryTask, number>();
  private readonly underWay = new Map<string, UnderWay>();
  private base = { clockMs: 0, processMs: -Infinity };

  constructor(private readonly options: AttemptTracesOptions) {}

  /** A delivery has come, by whichever way. */
  taken(task: DeliveryTask): void {
    this.takenAt.set(task, this.now());
  }

  /** `startedAt` for an attempt that is told of when it is over: a message to people. */
  begin(attemptId: string, task: DeliveryTask, webhook: WebhookConfiguration, startedAt = this.now()): void {
    const parent = readTraceparent(task.event.traceparent);
    const trace = this.options.tracer.place(parent, () => traceIdOf(task.deliveryId));
    if (!trace.isSampled) return;
    this.underWay.set(attemptId, {
      trace,
      parent,
      task,
      // The lease was given at the commit.
      committedAt: parent === null ? null : task.leaseUntil - leaseMs(webhook.TimeoutSeconds),
      takenAt: this.takenAt.get(task) ?? startedAt,
      startedAt,
      signedAt: null,
      endedAt: null,
      outcome: null,
    });
  }

  signed(attemptId: string): void {
    const attempt = this.underWay.get(attemptId);
    if (attempt !== undefined) attempt.signedAt = this.now();
  }

  /** No attempt after all: no signature, or no time left. */
  abandoned(attemptId: string): void {
    this.underWay.delete(attemptId);
  }

  /** Header names and values, alternating, for the receiver. */
  headersFor(attemptId: string): readonly string[] {
    const attempt = this.underWay.get(attemptId);
    return attempt !== undefined && this.options.tellsReceivers
      ? ['traceparent', writeTraceparent(attempt.trace)]
      : [];
  }

  /** Sends what is left. */
  close(): Promise<void> {
    return this.options.tracer.close();
  }

  concluded(outcome: AttemptOutcome): void {
    const attempt = this.underWay.get(outcome.attemptId);
    if (attempt === undefined) return;
    attempt.outcome = outcome;
    attempt.endedAt = this.now();
  }

  /** Committed: now all is known. */
  recorded(outcomes: readonly AttemptOutcome[]): void {
    const endMs = this.now();
    for (const { attemptId } of outcomes) {
      const attempt = this.underWay.get(attemptId);
      this.underWay.delete(attemptId);
      if (attempt?.outcome != null) this.tell(attempt, attempt.outcome, endMs);
    }
  }

  private tell(attempt: UnderWay, outcome: AttemptOutcome, endMs: number): void {
    const { trace, parent, task, takenAt, startedAt } = attempt;
    const endedAt = attempt.endedAt ?? endMs;
    const startMs = Math.min(attempt.committedAt ?? takenAt, takenAt);
    const isOver = outcome.status !== 'Pending';
    this.options.tracer.record({
      trace,
      parentId: parent?.spanId ?? null,
      name: 'attempt',
      kind: 'internal',
      startMs,
      endMs,
      attributes: attributesOf(task, outcome),
      error: outcome.errorCode,
      links: parent === null || isOver ? [] : [traceOfRetries(task)],
    });
    if (attempt.committedAt !== null) this.part(attempt, 'lane', startMs, takenAt, 'consumer');
    if (startedAt - takenAt >= waitWorthTellingMs) this.part(attempt, 'wait', takenAt, startedAt);
    if (attempt.signedAt !== null) this.part(attempt, 'sign', startedAt, attempt.signedAt, 'client');
    this.part(attempt, 'deliver', attempt.signedAt ?? startedAt, endedAt, 'client', {
      attributes: requestAttributes(outcome),
      error: outcome.errorCode,
    });
    this.part(attempt, 'record', endedAt, endMs);
  }

  private part(
    { trace }: UnderWay,
    name: string,
    startMs: number,
    endMs: number,
    kind: Span['kind'] = 'internal',
    more: Partial<Span> = {},
  ): void {
    const place = this.options.tracer.place(trace, () => trace.traceId);
    this.options.tracer.record({
      trace: place,
      parentId: trace.spanId,
      name,
      kind,
      startMs,
      endMs,
      attributes: {},
      ...more,
    });
  }

  /** By the database's clock, in steps finer than its milliseconds. */
  private now(): number {
    const processMs = performance.now();
    if (processMs - this.base.processMs > rebaseMs) this.base = { clockMs: this.options.nowMs(), processMs };
    return this.base.clockMs + processMs - this.base.processMs;
  }
}

function traceOfRetries({ deliveryId }: DeliveryTask): Pick<Trace, 'traceId' | 'spanId'> {
  const traceId = traceIdOf(deliveryId);
  return { traceId, spanId: traceId.slice(16) };
}

function attributesOf(task: DeliveryTask, outcome: AttemptOutcome): SpanAttributes {
  return {
    'postrider.organization.id': outcome.organizationId,
    'postrider.event.id': task.event.id,
    'postrider.topic': task.event.topic,
    'postrider.webhook.id': outcome.webhookId,
    'postrider.delivery.id': outcome.deliveryId,
    'postrider.attempt.id': outcome.attemptId,
    'postrider.attempt.number': outcome.number,
    'postrider.trigger': outcome.trigger,
    'postrider.delivery.status': outcome.status,
    'postrider.next_attempt_ms': outcome.delayMs,
  };
}

/** Of the URL the host alone: paths and queries may hold what is secret. */
function requestAttributes({ url, statusCode, errorCode }: AttemptOutcome): SpanAttributes {
  const { hostname, port, protocol } = URL.canParse(url)
    ? new URL(url)
    : { hostname: null, port: '', protocol: '' };
  return {
    'http.request.method': 'POST',
    'server.address': hostname,
    'server.port': hostname === null ? null : Number(port) || (protocol === 'http:' ? 80 : 443),
    'http.response.status_code': statusCode,
    'error.type': errorCode,
  };
}
