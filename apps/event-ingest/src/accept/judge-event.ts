// From the JSON of a published event to the event, or to what is wrong with it.
import {
  PING_TOPIC,
  RESERVED_TOPIC_PREFIX,
  type ErrorCode,
  type EventMembers,
  type FieldError,
} from '@postrider/contracts';
import { createdAtGiven, updatedAtGiven, type IncomingEvent } from '../shared/event.js';
import type { EventJson } from './event-json.policy.js';
import { judgeMembers } from './event-members.policy.js';

/** What an event has besides what it says itself. */
export interface EventSurroundings {
  readonly organizationId: string;
  /** The subject's topic, on NATS; null over HTTP, where the event must name it. */
  readonly topic: string | null;
  /** The Id of an event that gives none. */
  readonly defaultId: () => string;
  readonly nowMs: number;
  /** The longest event, in bytes as published. */
  readonly maxEventBytes: number;
}

export interface EventProblem {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

export type EventJudgement = { readonly event: IncomingEvent } | { readonly problem: EventProblem };

/** `base` stands before the pointers: `/3` for the fourth event of an array. */
export function judgeEvent(json: EventJson, surroundings: EventSurroundings, base = ''): EventJudgement {
  const { maxEventBytes } = surroundings;
  if (isLonger(json.text, maxEventBytes)) {
    const detail = `must be at most ${maxEventBytes} bytes of JSON text: an event`;
    return { problem: { code: 'payload_too_large', errors: [{ pointer: base, detail }] } };
  }
  const judgement = judgeMembers(json.members);
  const members: EventMembers = 'members' in judgement ? judgement.members : {};
  const errors = [
    ...('errors' in judgement ? judgement.errors.map((error) => below(base, error)) : []),
    ...contentErrors(json, base),
    ...('members' in judgement ? topicErrors(members.Topic, surroundings.topic, base) : []),
  ];
  if (errors.length > 0) return { problem: { code: 'invalid_fields', errors } };
  const topic = members.Topic ?? surroundings.topic ?? '';
  if (isReserved(topic)) return { problem: { code: 'reserved_topic', errors: [reserved(topic, base)] } };
  return { event: toEvent(json, members, topic, surroundings) };
}

function toEvent(
  { data, previousData }: EventJson,
  members: EventMembers,
  topic: string,
  { organizationId, defaultId, nowMs }: EventSurroundings,
): IncomingEvent {
  const createdAt = members.CreatedAt ?? nowMs;
  return {
    organizationId,
    id: members.Id ?? defaultId(),
    topic,
    createdAt,
    updatedAt: members.UpdatedAt ?? createdAt,
    timesGiven:
      (members.CreatedAt === undefined ? 0 : createdAtGiven) |
      (members.UpdatedAt === undefined ? 0 : updatedAtGiven),
    resource: members.Resource ?? null,
    actor: members.Actor ?? null,
    data: data?.text ?? '{}',
    previousData: previousData?.kind === 'object' ? previousData.text : null,
  };
}

function contentErrors({ data, previousData }: EventJson, base: string): FieldError[] {
  const errors: FieldError[] = [];
  if (data === undefined) {
    errors.push({ pointer: `${base}/Data`, detail: 'is required (object)' });
  } else if (data.kind !== 'object') {
    errors.push({ pointer: `${base}/Data`, detail: 'must be a JSON object' });
  }
  if (previousData !== undefined && previousData.kind !== 'object' && previousData.kind !== 'null') {
    errors.push({ pointer: `${base}/PreviousData`, detail: 'must be a JSON object or null' });
  }
  return errors;
}

function topicErrors(own: string | undefined, subjects: string | null, base: string): FieldError[] {
  const pointer = `${base}/Topic`;
  if (own === undefined)
    return subjects === null
      ? [{ pointer, detail: 'is required (a topic such as job.execution.failed)' }]
      : [];
  return subjects === null || own === subjects
    ? []
    : [{ pointer, detail: "differs from the subject's topic: leave it out, or publish to its own subject" }];
}

/** A UTF-16 unit takes one to three bytes of UTF-8: only what may be too long is counted. */
function isLonger(text: string, maxBytes: number): boolean {
  return text.length > maxBytes || (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes);
}

export function isReserved(topic: string): boolean {
  return topic.startsWith(RESERVED_TOPIC_PREFIX);
}

function reserved(topic: string, base: string): FieldError {
  const detail =
    topic === PING_TOPIC
      ? "is sent by Postrider alone: use the webhook's ping"
      : `begins with ${RESERVED_TOPIC_PREFIX}, which is Postrider's own: choose another topic`;
  return { pointer: `${base}/Topic`, detail };
}

function below(base: string, { pointer = '', detail }: FieldError): FieldError {
  return { pointer: base + pointer, detail };
}
