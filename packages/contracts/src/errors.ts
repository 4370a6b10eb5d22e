// The catalogue of error codes: one place says what a code means, with which HTTP status it comes and what to do next.
import { z } from 'zod';

interface ErrorEntry {
  readonly status: number;
  readonly title: string;
}

const catalogue = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_request: { status: 400, title: 'The request could not be read' },
  duplicate_key: { status: 400, title: 'A key stands twice in the same JSON object' },
  unauthorized: { status: 401, title: 'A valid API key is needed' },
  scope_missing: { status: 403, title: 'The API key may not do this' },
  csrf_token_missing: { status: 403, title: 'The token against cross-site requests is missing or wrong' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  conflict: { status: 409, title: 'The resource is in another state' },
  event_id_reused: { status: 409, title: 'The event Id was used for other content' },
  already_exists: { status: 409, title: 'Something with this id or name exists already' },
  limit_reached: { status: 409, title: 'A limit of this installation is reached' },
  version_mismatch: { status: 412, title: 'The resource has changed since it was read' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  invalid_fields: { status: 422, title: 'Some fields are wrong' },
  unknown_topic: { status: 422, title: 'The topic is not in the catalog' },
  reserved_topic: { status: 422, title: 'Topics that begin with webhook. are reserved' },
  too_deep: { status: 422, title: 'The JSON is nested too deeply' },
  url_forbidden: { status: 422, title: 'The URL may not be used as an endpoint' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'A part of the system is away for the moment' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof catalogue;
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = catalogue;

/** One wrong field: where it is (`pointer` into the body, RFC 6901, or the `parameter`) and what to do about it. */
export const FieldError = z.strictObject({
  pointer: z.string().optional(),
  parameter: z.string().optional(),
  detail: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

/** RFC 9457 problem details, as every error is answered. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(FieldError),
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** Carries an entry of the catalogue to whoever answers; `detail` is written for the caller and names the fix. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${code}: ${detail}`);
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  toProblem(): Problem {
    return {
      type: `urn:postrider:problem:${this.code}`,
      title: catalogue[this.code].title,
      status: this.status,
      detail: this.detail,
      code: this.code,
      errors: [...this.errors],
    };
  }
}

/** RFC 6901 JSON pointer of a path. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => '/' + String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('');
}

/**
 * Field errors of a failed zod parse; an unknown key is named by its own pointer, so that the caller can delete just that.
 * `base` stands before each pointer.
 */
export function fieldErrors(issues: readonly z.core.$ZodIssue[], base = ''): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of issues.slice(0, 50)) {
    const pointer = base + jsonPointer(issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, 50)) {
        errors.push({
          pointer: pointer + jsonPointer([key]),
          detail: `unknown field ${JSON.stringify(key)}: remove it`,
        });
      }
    } else {
      errors.push({ pointer, detail: describeIssue(issue) });
    }
  }
  return errors;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    /received undefined/.test(issue.message)
  ) {
    return `is required (${issue.expected})`;
  }
  return issue.message;
}
