// The part of a trace that this service tells: how an event was accepted. What comes after hangs below it, by way of the
// lane. There is none of this unless an OTLP endpoint is configured.
import { readTraceparent, traceIdOf, writeTraceparent, type Trace, type Tracer } from '@postrider/runtime';
import type { AcceptOutcome, Door, IncomingEvent, PlannedEvent } from './shared/event.js';

export class AcceptTraces {
  /** What publishers gave, as long as the event is on its way. */
  private readonly parents = new WeakMap<IncomingEvent, Trace>();

  constructor(
    private readonly tracer: Tracer,
    /** Epoch ms by the database's clock. */
    private readonly nowMs: () => number,
  ) {}

  /** An event that was read, with its publisher's `traceparent`. */
  came(event: IncomingEvent, traceparent: string | null | undefined): void {
    const parent = readTraceparent(traceparent);
    if (parent !== null) this.parents.set(event, parent);
  }

  /** Committed: answers the `traceparent` with which each goes on. */
  accepted(
    fresh: readonly PlannedEvent[],
    door: Door,
    durationMs: number,
  ): ReadonlyMap<PlannedEvent, string> {
    const endMs = this.nowMs();
    return new Map(
      fresh.map((plan) => [plan, writeTraceparent(this.tell(plan, door, 'accepted', endMs, durationMs))]),
    );
  }

  /** What was there before, or can't be: told to those who trace what they publish. */
  notAccepted(
    planned: readonly PlannedEvent[],
    outcomes: readonly AcceptOutcome[],
    door: Door,
    durationMs: number,
  ): void {
    const endMs = this.nowMs();
    for (const [index, plan] of planned.entries()) {
      const kind = outcomes[index]?.kind ?? 'accepted';
      if (kind !== 'accepted' && this.parents.has(plan.event)) this.tell(plan, door, kind, endMs, durationMs);
    }
  }

  private tell(
    { event, uid, deliveries }: PlannedEvent,
    door: Door,
    outcome: AcceptOutcome['kind'],
    endMs: number,
    durationMs: number,
  ): Trace {
    const parent = this.parents.get(event) ?? null;
    const trace = this.tracer.place(parent, () => traceIdOf(uid));
    this.tracer.record({
      trace,
      parentId: parent?.spanId ?? null,
      name: 'accept',
      kind: door === 'nats' ? 'consumer' : 'server',
      startMs: endMs - durationMs,
      endMs,
      attributes: {
        'postrider.organization.id': event.organizationId,
        'postrider.event.id': event.id,
        'postrider.topic': event.topic,
        'postrider.door': door,
        'postrider.outcome': outcome,
        'postrider.deliveries': outcome === 'accepted' ? deliveries.length : null,
      },
      error: outcome === 'reused' || outcome === 'refused' ? outcome : null,
    });
    return trace;
  }
}
