// Reads a message from JetStream: one event. What can't be accepted is ended and kept with the reason; it would be no
// better the next time.
import { ProblemError, type FieldError } from '@postrider/contracts';
import type { PulledMessage } from '@postrider/messaging';
import type { IncomingEvent } from '../shared/event.js';
import { cloudEventMembers, judgeCloudEvent, pointerOf, unknownFormat } from './cloud-event.js';
import { contentModeOf } from './content-mode.policy.js';
import { decodeUtf8, readEvent } from './event-json.policy.js';
import type { RejectedEventRow } from './insert-rejected-events.js';
import { isReserved, judgeEvent, type EventJudgement, type EventSurroundings } from './judge-event.js';
import { messageIdentity } from './message-identity.js';
import { fieldsProblem, judgeBinary, problemError, type ReadSettings } from './read-request.js';
import { readSubject } from './subject.policy.js';

/** What there is, to publish to. */
export interface Catalog {
  hasOrganization(id: string): boolean;
  hasTopic(name: string): boolean;
  /** What the schema that a topic enforces says of an event's `Data`. */
  judgeData(topic: string, data: string): FieldError | null;
}

/** Why a message is not accepted; the Id is what it calls itself, if it does. */
export interface Rejection {
  readonly problem: ProblemError;
  readonly eventId: string | null;
}

export type MessageReading = { readonly event: IncomingEvent } | { readonly rejection: Rejection };

export function readMessage(
  message: PulledMessage,
  catalog: Catalog,
  settings: ReadSettings,
): MessageReading {
  try {
    return readOf(message, catalog, settings);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { rejection: { problem: error, eventId: message.messageId } };
  }
}

/** Throws ProblemError for what is no event at all. */
function readOf(message: PulledMessage, catalog: Catalog, settings: ReadSettings): MessageReading {
  const { organizationId, topic } = readSubject(message.subject);
  const reject = (problem: ProblemError, eventId = message.messageId) => ({
    rejection: { problem, eventId },
  });
  if (organizationId === null || !catalog.hasOrganization(organizationId)) {
    return reject(new ProblemError('not_found', 'the subject names no known organization'));
  }
  const topicProblem = judgeTopic(topic, catalog);
  if (topicProblem !== null) return reject(topicProblem);
  const surroundings = {
    nowMs: settings.nowMs,
    maxEventBytes: settings.maxEventBytes,
    organizationId,
    topic,
    // Without one, an Id made of the message: the same when the message comes again.
    defaultId: () => message.messageId ?? messageIdentity(message.reply),
  };
  const { judgement, named } = judgeMessage(message, surroundings);
  if ('problem' in judgement) {
    const { code, errors } = judgement.problem;
    return reject(fieldsProblem(code, errors), named);
  }
  const { event } = judgement;
  const broken = catalog.judgeData(event.topic, event.data);
  if (broken === null) return { event };
  const error = { ...broken, pointer: pointerOf(event, broken.pointer ?? '') };
  return reject(fieldsProblem('invalid_fields', [error]), named);
}

interface JudgedMessage {
  readonly judgement: EventJudgement;
  /** The Id by which the message calls its event. */
  readonly named: string | null;
}

/** An event in Postrider's own form, or a CloudEvent in any of its modes. Throws ProblemError for what is no JSON. */
function judgeMessage(message: PulledMessage, surroundings: EventSurroundings): JudgedMessage {
  const mode = contentModeOf((name) => message.headers?.get(name));
  switch (mode) {
    case 'binary': {
      const judgement = judgeBinary(message.data, message.headers ?? [], surroundings);
      return { judgement, named: message.headers?.get('ce-id') ?? message.messageId };
    }
    case 'batch':
    case 'unknown':
      throw new ProblemError(unknownFormat.code, `${unknownFormat.detail}, one event in a message`);
    case 'structured':
    case 'own':
  }
  const decoded = decodeUtf8(message.data);
  if (!decoded.ok) throw problemError(decoded.problem);
  const own = readEvent(decoded.text);
  // Before NATS had headers, its binding had the JSON format alone, told by what stands in it (NATS binding 1.0.2).
  if (mode === 'structured' || (own.ok && own.event.members['specversion'] !== undefined)) {
    const read = readEvent(decoded.text, cloudEventMembers);
    if (!read.ok) throw problemError(read.problem);
    const { id } = read.event.members;
    const judgement = judgeCloudEvent(read.event, surroundings);
    return { judgement, named: typeof id === 'string' ? id : message.messageId };
  }
  if (!own.ok) throw problemError(own.problem);
  const ownId = own.event.members['Id'];
  if (ownId === undefined && message.messageId !== null && !eventId.test(message.messageId)) {
    throw new ProblemError('invalid_fields', messageIdDetail);
  }
  const judgement = judgeEvent(own.event, surroundings);
  return { judgement, named: typeof ownId === 'string' ? ownId : message.messageId };
}

function judgeTopic(topic: string | null, catalog: Catalog): ProblemError | null {
  if (topic === null) {
    return new ProblemError(
      'unknown_topic',
      'the subject names no topic: postrider.events.v1.<OrganizationId>.<Topic>',
    );
  }
  if (isReserved(topic)) {
    return new ProblemError(
      'reserved_topic',
      `the subject's topic ${topic} is Postrider's own: choose another`,
    );
  }
  if (catalog.hasTopic(topic)) return null;
  return new ProblemError('unknown_topic', `the subject's topic ${unknownTopicDetail(topic)}`);
}

export function unknownTopicDetail(topic: string): string {
  return `${topic} is not in the catalog: GET /v1/topics lists what may be published`;
}

const eventId = /^[A-Za-z0-9_-]{1,64}$/;
const messageIdDetail =
  'the header Nats-Msg-Id is taken as the event Id: it must be 1..64 characters of A-Z, a-z, 0-9, _ and -';

/** The row that keeps a message which was not accepted. */
export function rejectedEvent(
  message: PulledMessage,
  { problem, eventId }: Rejection,
  catalog: Catalog,
): RejectedEventRow {
  const { organizationId, topic } = readSubject(message.subject);
  return {
    id: messageIdentity(message.reply),
    organizationId:
      organizationId !== null && catalog.hasOrganization(organizationId) ? organizationId : null,
    subject: message.subject,
    topic,
    eventId,
    code: problem.code,
    reason: problem.detail,
    errors: problem.errors,
    payload: message.data,
  };
}
