// Requests between services: JSON with the schemas of contracts (request-server.ts carries the bytes).
import {
  ProblemError,
  ReplyEnvelope,
  errorCatalogue,
  requestSubjects,
  serviceRequests,
  type ErrorCode,
  type ServiceReply,
  type ServiceRequest,
  type ServiceRequestName,
} from '@postrider/contracts';
import type { Messaging } from './connection.js';
import { MessagingAwayError } from './errors.js';

/** The envelope of an error of the catalogue; of anything else it says only that it happened. */
export function failureReply(error: unknown): string {
  const envelope: ReplyEnvelope =
    error instanceof ProblemError
      ? { Ok: false, Code: error.code, Detail: error.detail }
      : { Ok: false, Code: 'internal', Detail: 'the service failed: its log says why' };
  return JSON.stringify(envelope);
}

/**
 * Answers one JSON request: parses, runs, replies. Problems of the catalogue travel to the asker; anything else is told
 * to `onError` and answered as `unavailable`, but for a request that breaks its schema: asking again would not help.
 */
export async function answerJson<N extends ServiceRequestName>(
  name: N,
  payload: Uint8Array,
  handle: (request: ServiceRequest<N>) => Promise<ServiceReply<N>>,
  onError: (error: unknown) => void,
): Promise<Uint8Array> {
  const request = serviceRequests[name].request.safeParse(parseJson(payload));
  if (!request.success) {
    const problem = new ProblemError('internal', `the request ${name} is not as its schema says`);
    onError(new Error(`${problem.detail}: ${request.error.issues.map(describe).join('; ')}`));
    return Buffer.from(failureReply(problem));
  }
  try {
    const body = await handle(request.data as ServiceRequest<N>);
    return Buffer.from(JSON.stringify({ Ok: true, Body: body } satisfies ReplyEnvelope));
  } catch (error) {
    if (error instanceof ProblemError) return Buffer.from(failureReply(error));
    onError(error);
    return Buffer.from(
      failureReply(new ProblemError('unavailable', `${name} could not be done for the moment: try again`)),
    );
  }
}

/** undefined for what is no JSON: the errors of JSON.parse quote the text, which may hold a secret. */
function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

function describe(issue: { readonly path: PropertyKey[]; readonly message: string }): string {
  return `${issue.path.map(String).join('.') || 'it'} ${issue.message}`;
}

/** Asks a service; throws ProblemError (`unavailable` when nobody answers), so that it can be answered as it is. */
export async function askJson<N extends ServiceRequestName>(
  messaging: Messaging,
  name: N,
  request: ServiceRequest<N>,
  timeoutMs = 5_000,
): Promise<ServiceReply<N>> {
  const reply = await ask(messaging, name, JSON.stringify(request), timeoutMs);
  const envelope = ReplyEnvelope.safeParse(parseJson(reply));
  if (!envelope.success) throw new Error(`the reply to ${name} is no envelope of a reply`);
  if (!envelope.data.Ok) {
    const { Code, Detail } = envelope.data;
    const code = Object.hasOwn(errorCatalogue, Code) ? (Code as ErrorCode) : 'internal';
    throw new ProblemError(code, Detail, [], code === 'unavailable' ? { 'Retry-After': '1' } : {});
  }
  return serviceRequests[name].reply.parse(envelope.data.Body) as ServiceReply<N>;
}

async function ask(
  messaging: Messaging,
  name: ServiceRequestName,
  body: string,
  timeoutMs: number,
): Promise<Uint8Array> {
  try {
    return await messaging.request(requestSubjects[name], body, timeoutMs);
  } catch (error) {
    if (!(error instanceof MessagingAwayError)) throw error;
    throw new ProblemError('unavailable', 'a service that this needs is away: try again in a moment', [], {
      'Retry-After': '1',
    });
  }
}
