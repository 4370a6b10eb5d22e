// Reads the body of a request over HTTP: one event or an array. Whatever is wrong with it is told by pointer.
import { newId } from '@postrider/database';
import { ProblemError, type ErrorCode, type FieldError } from '@postrider/contracts';
import type { IncomingEvent } from '../shared/event.js';
import { decodeUtf8, readEvents, type EventJsonProblem } from './event-json.policy.js';
import { judgeEvent, type EventProblem } from './judge-event.js';

export interface ReadSettings {
  readonly nowMs: number;
  readonly maxEventBytes: number;
}

export interface ReadRequest {
  readonly events: readonly IncomingEvent[];
  readonly isArray: boolean;
}

const maxErrors = 50;

/** Throws ProblemError. */
export function readRequest(body: Buffer, organizationId: string, settings: ReadSettings): ReadRequest {
  if (body.length === 0) throw new ProblemError('malformed_json', 'the body is empty: send an event as JSON');
  const decoded = decodeUtf8(body);
  if (!decoded.ok) throw problemError(decoded.problem);
  const read = readEvents(decoded.text);
  if (!read.ok) throw problemError(read.problem);
  const { isArray } = read;
  const surroundings = { ...settings, organizationId, topic: null, defaultId: newId };
  const judgements = read.events.map((json, index) =>
    judgeEvent(json, surroundings, isArray ? `/${index}` : ''),
  );
  const problems = judgements.flatMap((judgement) => ('problem' in judgement ? [judgement.problem] : []));
  if (problems.length > 0) throw joined(problems);
  return {
    events: judgements.flatMap((judgement) => ('event' in judgement ? [judgement.event] : [])),
    isArray,
  };
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
