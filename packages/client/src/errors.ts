import type { ErrorCode, FieldError, Problem } from '@postrider/contracts';

/**
 * What the API answered instead of a result (RFC 9457). `code` is for programs; `message` is `detail`, written for people;
 * `errors` names wrong fields one by one.
 */
export class PostriderApiError extends Error {
  override readonly name = 'PostriderApiError';
  /** One of the catalogue; a text, so that an old client takes a new code. `unknown` where it was no problem document. */
  readonly code: ErrorCode | 'unknown' | (string & {});
  readonly errors: readonly FieldError[];
  /** X-Request-Id: what an operator finds the call by. */
  readonly requestId: string | null;

  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    /** Seconds to wait, where the answer told. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(problem.detail ?? `the server answered ${status}`);
    this.code = problem.code ?? 'unknown';
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId ?? null;
  }
}

/** No answer came: nobody listens there, the connection broke, or the time was over. What was asked may have been done. */
export class PostriderUnreachableError extends Error {
  override readonly name = 'PostriderUnreachableError';

  constructor(
    readonly url: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`no answer from ${url}: ${reason}`, options);
  }
}
