// Reads the body of a request over HTTP: one event or an array. Whatever is wrong with it is told by pointer.
import { newId } from '@postrider/database';
import { ProblemError, type ErrorCode, type FieldError } from '@postrider/contracts';
import type { IncomingEvent } from '../shared/event.js';
import { cloudEventMembers, judgeCloudEvent, unknownFormat } from './cloud-event.js';
import { attributesOf, contentModeOf } from './content-mode.policy.js';
import {
  decodeUtf8,
  readData,
  readEvent,
  readEvents,
  type EventJson,
  type EventJsonProblem,
} from './event-json.policy.js';
import { judgeEvent, type EventJudgement, type EventProblem, type EventSurroundings } from './judge-event.js';

export interface ReadSettings {
  readonly nowMs: number;
  readonly maxEventBytes: number;
}

export interface ReadRequest {
  readonly events: readonly IncomingEvent[];
  readonly isArray: boolean;
}

const maxErrors = 50;

/** By lower-case name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Throws ProblemError. */
export function readRequest(
  body: Buffer,
  headers: RequestHeaders,
  organizationId: string,
  settings: ReadSettings,
): ReadRequest {
  const { nowMs, maxEventBytes } = settings;
  const surroundings = { nowMs, maxEventBytes, organizationId, topic: null, defaultId: newId };
  const { isArray, judgements } = judgeBody(body, headers, surroundings);
  const problems = judgements.flatMap((judgement) => ('problem' in judgement ? [judgement.problem] : []));
  if (problems.length > 0) throw joined(problems);
  return {
    events: judgements.flatMap((judgement) => ('event' in judgement ? [judgement.event] : [])),
    isArray,
  };
}

interface JudgedBody {
  readonly isArray: boolean;
  readonly judgements: readonly EventJudgement[];
}

function judgeBody(body: Buffer, headers: RequestHeaders, surroundings: EventSurroundings): JudgedBody {
  const mode = contentModeOf((name) => headers[name]?.toString());
  if (mode === 'unknown') throw new ProblemError(unknownFormat.code, unknownFormat.detail);
  if (mode === 'binary') {
    return { isArray: false, judgements: [judgeBinary(body, Object.entries(headers), surroundings)] };
  }
  if (body.length === 0) throw new ProblemError('malformed_json', 'the body is empty: send an event as JSON');
  const text = textOf(body);
  if (mode === 'own') {
    const { isArray, events } = taken(readEvents(text));
    return { isArray, judgements: each(isArray, events, surroundings, judgeEvent) };
  }
  if (mode === 'structured') {
    const { event } = taken(readEvent(text, cloudEventMembers));
    return { isArray: false, judgements: [judgeCloudEvent(event, surroundings)] };
  }
  const { isArray, events } = taken(readEvents(text, cloudEventMembers));
  if (!isArray) throw new ProblemError('invalid_fields', 'a batch must be an array of CloudEvents');
  return { isArray, judgements: each(true, events, surroundings, judgeCloudEvent) };
}

/** The body is the data of a CloudEvent; everything else stands in headers. Throws ProblemError for what is no JSON. */
export function judgeBinary(
  body: Uint8Array,
  headers: Iterable<readonly [string, unknown]>,
  surroundings: EventSurroundings,
): EventJudgement {
  const pairs = [...headers].map(([name, value]) => [name, String(value)] as const);
  const attributes = attributesOf(pairs);
  const broken = Object.keys(attributes).filter((name) => attributes[name] === null);
  if (broken.length > 0) {
    const detail = 'must be printable ASCII, other characters percent-encoded as UTF-8';
    const errors = broken.map((name) => ({ pointer: `/${name.slice(0, 64)}`, detail }));
    return { problem: { code: 'invalid_fields', errors } };
  }
  const data = body.length === 0 ? undefined : taken(readData(textOf(body))).data;
  return judgeCloudEvent({ data, members: attributes, keys: new Set() }, surroundings);
}

function each(
  isArray: boolean,
  events: readonly EventJson[],
  surroundings: EventSurroundings,
  judge: typeof judgeEvent,
): EventJudgement[] {
  return events.map((json, index) => judge(json, surroundings, isArray ? `/${index}` : ''));
}

/** Throws ProblemError. */
function taken<T extends { readonly ok: true }>(
  read: T | { readonly ok: false; readonly problem: EventJsonProblem },
): T {
  if (!read.ok) throw problemError(read.problem);
  return read;
}

function textOf(body: Uint8Array): string {
  return taken(decodeUtf8(body)).text;
}

/** The first problem decides the code, and is told together with all others of its kind. */
function joined(problems: readonly EventProblem[]): ProblemError {
  const code = problems[0]?.code ?? 'invalid_fields';
  return fieldsProblem(
    code,
    problems.filter((problem) => problem.code === code).flatMap(({ errors }) => errors),
  );
}

/** A problem of the catalogue that names fields; its detail tells the first of them. */
export function fieldsProblem(code: ErrorCode, errors: readonly FieldError[]): ProblemError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const detail = first === undefined ? 'the event is not as it should be' : describe(first) + more;
  return new ProblemError(code, detail, errors.slice(0, maxErrors));
}

function describe({ pointer, detail }: FieldError): string {
  return `${pointer === undefined || pointer === '' ? 'the body' : pointer} ${detail}`;
}

export function problemError({ code, pointer, detail }: EventJsonProblem): ProblemError {
  return new ProblemError(code, describe({ pointer, detail }), [{ pointer, detail }]);
}
