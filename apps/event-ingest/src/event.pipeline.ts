// The way of an event through this service, whichever door it came in by:
//
//   read      what was published becomes an event, or is refused with the reason
//   match     in memory: which webhooks want it
//   commit    the event and its deliveries, one statement per batch; from here on it is accepted
//   hand on   the deliveries go to the dispatchers, by the fast lane
//   answer    202, an ack, or the ping's ids; a repeated Id is the same event, or an error
import {
  ProblemError,
  type AcceptedEvent,
  type ServiceRequest,
  type WebhookConfiguration,
} from '@postrider/contracts';
import type { PulledMessage } from '@postrider/messaging';
import { failPoint, type TokenBuckets } from '@postrider/runtime';
import type { AcceptTraces } from './accept-traces.js';
import { answerRequest, problemOf } from './accept/answer-request.js';
import { pointerOf } from './accept/cloud-event.js';
import { EventBatcher } from './accept/event-batcher.js';
import type { EventStore } from './accept/event-store.js';
import { operationalEvent } from './accept/operational-event.js';
import { exampleEvent, pingEvent, pingTarget } from './accept/ping-event.js';
import { planEvent } from './accept/plan-event.js';
import {
  readMessage,
  rejectedEvent,
  unknownTopicDetail,
  type MessageReading,
  type Rejection,
} from './accept/read-message.js';
import { fieldsProblem, readRequest, type ReadRequest, type RequestHeaders } from './accept/read-request.js';
import { isUuid, readSubject } from './accept/subject.policy.js';
import type { FastLane } from './hand-on/fast-lane.js';
import type { ConfigurationKeeper } from './match/keep-configuration.js';
import type { AcceptOutcome, Door, IncomingEvent, PlannedEvent, Target } from './shared/event.js';
import type { Telemetry } from './telemetry.js';

export interface PipelineParts {
  readonly configuration: ConfigurationKeeper;
  readonly store: EventStore;
  readonly lane: FastLane;
  /** Of the NATS door, by organization: what comes faster is accepted, and leaves the lane to others. */
  readonly laneRate: TokenBuckets;
  /** One webhook as PostgreSQL has it now. */
  readonly loadWebhook: (organizationId: string, webhookId: string) => Promise<WebhookConfiguration | null>;
  /** Epoch ms by the database's clock. */
  readonly nowMs: () => number;
  readonly maxEventBytes: number;
  readonly telemetry: Telemetry;
  /** null: events are not traced. */
  readonly traces?: AcceptTraces | null;
}

const singleEvents = {
  maxEvents: 200,
  maxBytes: 8 * 1024 * 1024,
  maxWaitingBytes: 64 * 1024 * 1024,
  parallel: 2,
};

export class EventPipeline {
  private readonly batcher = new EventBatcher({
    ...singleEvents,
    accept: (events) => this.acceptEvents(events, 'http'),
  });

  constructor(private readonly parts: PipelineParts) {}

  /** The HTTP door: one event, or an array of which all or none is accepted. Throws ProblemError, or why PostgreSQL is away. */
  async acceptRequest(
    organizationId: string,
    body: Buffer,
    headers: RequestHeaders,
  ): Promise<AcceptedEvent | AcceptedEvent[]> {
    try {
      await this.requireOrganization(organizationId);
      const request = readRequest(body, headers, organizationId, this.readSettings());
      await this.requireTopics(request);
      this.requireSchemas(request);
      const traceparent = [headers['traceparent']].flat()[0];
      for (const event of request.events) this.parts.traces?.came(event, traceparent);
      const [event] = request.events;
      const outcomes =
        event !== undefined && request.events.length === 1
          ? [await this.batcher.accept(event)]
          : await this.acceptEvents(request.events, 'http', true);
      return answerRequest(request, outcomes);
    } catch (error) {
      if (error instanceof ProblemError)
        this.parts.telemetry.rejected('http', error.code, { organizationId });
      throw error;
    }
  }

  /** The NATS door: resolves when every message is accepted or kept as rejected; rejects when all are to come again. */
  async acceptMessages(messages: readonly PulledMessage[]): Promise<void> {
    await this.askForUnknown(messages.map(({ subject }) => readSubject(subject)));
    const readings = messages.map((message) => this.read(message));
    const events = readings.flatMap((reading) => ('event' in reading ? [reading.event] : []));
    const outcomes = events.length === 0 ? [] : await this.acceptEvents(events, 'nats');
    const outcomeOf = new Map(events.map((event, index) => [event, outcomes[index]]));
    const rejections = readings.map((reading): Rejection | null => {
      if ('rejection' in reading) return reading.rejection;
      const problem = problemOf(reading.event, outcomeOf.get(reading.event));
      return problem === null ? null : { problem, eventId: reading.event.id };
    });
    await this.keepRejected(messages, rejections);
  }

  /** Whatever a message does to its reader, it does to itself alone. */
  private read(message: PulledMessage): MessageReading {
    try {
      const reading = readMessage(message, this.parts.configuration.copy, this.readSettings());
      if ('event' in reading) this.parts.traces?.came(reading.event, message.headers?.get('traceparent'));
      return reading;
    } catch (error) {
      this.parts.telemetry.trouble('message.not.read', error);
      const problem = new ProblemError(
        'internal',
        'the message could not be read: the service has logged why',
      );
      return { rejection: { problem, eventId: message.messageId } };
    }
  }

  /** A ping: an event with a named target, whatever the webhook's topics, filter and state. */
  async acceptPing(
    organizationId: string,
    webhookId: string,
  ): Promise<{ EventId: string; DeliveryId: string }> {
    return this.acceptAddressed(organizationId, webhookId, pingEvent);
  }

  /** The example of a topic: as a ping, with that topic and its example for `Data`. */
  async acceptExample(
    organizationId: string,
    webhookId: string,
    topic: string,
    data: string,
  ): Promise<{ EventId: string; DeliveryId: string }> {
    return this.acceptAddressed(organizationId, webhookId, (webhook, nowMs) =>
      exampleEvent(webhook, topic, data, nowMs),
    );
  }

  private async acceptAddressed(
    organizationId: string,
    webhookId: string,
    makeEvent: (webhook: WebhookConfiguration, nowMs: number) => IncomingEvent,
  ): Promise<{ EventId: string; DeliveryId: string }> {
    const webhook = await this.parts.loadWebhook(organizationId, webhookId);
    if (webhook === null || webhook.Deleted) throw new ProblemError('not_found', 'no such webhook');
    const event = makeEvent(webhook, this.parts.nowMs());
    const [outcome] = await this.commit([this.plan(event, [pingTarget(webhook)])], 'ping');
    const delivery = outcome?.kind === 'accepted' ? outcome.deliveries[0] : undefined;
    if (delivery === undefined) throw new Error('an event for one webhook was not accepted');
    return { EventId: event.id, DeliveryId: delivery.id };
  }

  /** What has become of a webhook: for those of the organization's others that name its topic. */
  async acceptOperational(told: ServiceRequest<'operationalEvent'>): Promise<{ Deliveries: number }> {
    await this.requireOrganization(told.OrganizationId);
    const webhook = await this.parts.loadWebhook(told.OrganizationId, told.WebhookId);
    if (webhook === null || webhook.Deleted) throw new ProblemError('not_found', 'no such webhook');
    const event = operationalEvent(webhook, told);
    const targets = this.parts.configuration.copy.matchOperational(event, told.WebhookId);
    const [outcome] = await this.commit([this.plan(event, targets)], 'operational');
    if (outcome?.kind === 'accepted') return { Deliveries: outcome.deliveries.length };
    if (outcome?.kind === 'duplicate') return { Deliveries: outcome.deliveries };
    // Told before, when the webhook looked otherwise.
    if (outcome?.kind === 'reused') return { Deliveries: 0 };
    throw new Error('an operational event was not accepted');
  }

  /** Both doors lead here: match, commit, hand on. With `together`, when one outcome is `reused`, none was accepted. */
  private acceptEvents(
    events: readonly IncomingEvent[],
    door: Door,
    together = false,
  ): Promise<AcceptOutcome[]> {
    const { copy } = this.parts.configuration;
    return this.commit(
      events.map((event) =>
        this.plan(
          event,
          copy.match(event),
          door !== 'nats' || this.parts.laneRate.take(event.organizationId),
        ),
      ),
      door,
      together,
    );
  }

  private plan(event: IncomingEvent, targets: readonly Target[], mayUseLane = true): PlannedEvent {
    const fitsLane = (bytes: number) => mayUseLane && this.parts.lane.fits(bytes);
    return planEvent(event, targets, this.parts.nowMs(), fitsLane);
  }

  private async commit(
    planned: readonly PlannedEvent[],
    door: Door,
    together = false,
  ): Promise<AcceptOutcome[]> {
    const { store, lane, telemetry, traces } = this.parts;
    const startedAt = performance.now();
    let deliveries = 0;
    let durationMs = 0;
    const source = door === 'http' || door === 'nats' ? door : 'postrider';
    failPoint('accept.before-commit');
    const outcomes = await store.commit(planned, { source, together }, ({ fresh, nowMs }) => {
      durationMs = performance.now() - startedAt;
      failPoint('accept.after-commit');
      const traceparents = traces?.accepted(fresh, door, durationMs);
      lane.handOn(fresh, nowMs, door === 'ping' ? 'ping' : 'event', traceparents);
      failPoint('hand-on.after-publish');
      for (const plan of fresh) deliveries += plan.deliveries.length;
    });
    telemetry.batch({ door, outcomes, deliveries, durationMs });
    traces?.notAccepted(planned, outcomes, door, performance.now() - startedAt);
    return outcomes;
  }

  private async requireOrganization(organizationId: string): Promise<void> {
    await this.askForUnknown([
      { organizationId: isUuid(organizationId) ? organizationId : null, topic: null },
    ]);
    if (this.parts.configuration.copy.hasOrganization(organizationId)) return;
    throw new ProblemError('not_found', 'no such organization');
  }

  private async requireTopics({ events, isArray }: ReadRequest): Promise<void> {
    const { copy } = this.parts.configuration;
    if (events.every(({ topic }) => copy.hasTopic(topic))) return;
    await this.askForUnknown(events);
    const errors = events.flatMap((event, index) => {
      if (copy.hasTopic(event.topic)) return [];
      const pointer = `${isArray ? `/${index}` : ''}${pointerOf(event, '/Topic')}`;
      return [{ pointer, detail: unknownTopicDetail(event.topic) }];
    });
    if (errors.length > 0) throw fieldsProblem('unknown_topic', errors);
  }

  /** Where a topic enforces the schema of its `Data`. */
  private requireSchemas({ events, isArray }: ReadRequest): void {
    const errors = events.flatMap((event, index) => {
      const error = this.parts.configuration.copy.judgeData(event.topic, event.data);
      if (error === null) return [];
      const pointer = `${isArray ? `/${index}` : ''}${pointerOf(event, error.pointer ?? '')}`;
      return [{ ...error, pointer }];
    });
    if (errors.length > 0) throw fieldsProblem('invalid_fields', errors);
  }

  /** The copy may be milliseconds behind: before anything is called unknown, PostgreSQL is asked. */
  private async askForUnknown(
    names: readonly { readonly organizationId: string | null; readonly topic: string | null }[],
  ): Promise<void> {
    const { configuration } = this.parts;
    if (!configuration.isLoaded) {
      throw new ProblemError('unavailable', 'the service is starting: try again in a moment', [], {
        'Retry-After': '2',
      });
    }
    const { copy } = configuration;
    const unknown: string[] = [];
    for (const { organizationId, topic } of names) {
      if (organizationId !== null && !copy.hasOrganization(organizationId)) unknown.push(organizationId);
      if (topic !== null && !copy.hasTopic(topic)) unknown.push(topic);
    }
    if (unknown.length > 0) await configuration.askAgain(unknown);
  }

  private async keepRejected(
    messages: readonly PulledMessage[],
    rejections: readonly (Rejection | null)[],
  ): Promise<void> {
    const rows = messages.flatMap((message, index) => {
      const rejection = rejections[index];
      return rejection == null ? [] : [rejectedEvent(message, rejection, this.parts.configuration.copy)];
    });
    await this.parts.store.keepRejected(rows);
    for (const { organizationId, topic, eventId, code } of rows) {
      this.parts.telemetry.rejected('nats', code, { organizationId, topic, eventId });
    }
  }

  private readSettings() {
    return { nowMs: this.parts.nowMs(), maxEventBytes: this.parts.maxEventBytes };
  }
}
