// What went wrong, and what to do about it: every error that a person may meet says both.
import { PostriderApiError, PostriderUnreachableError } from '@postrider/client';

/** A fault that the person can mend: `hint` says how. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

export interface Explanation {
  readonly Message: string;
  readonly Hint: string | null;
  readonly Code: string | null;
  readonly Status: number | null;
  readonly Fields: readonly string[];
}

const hints: Readonly<Record<string, string>> = {
  unauthorized:
    'Set POSTRIDER_API_KEY (or --api-key) to a key that is neither expired nor deleted; npm start prints the admin key.',
  scope_missing: 'Use a key with that scope: who has the admin key makes one (docs/api.md, "Keys").',
  not_found:
    'Check the id and the organization: `postrider organizations`, `postrider webhooks`, `postrider deliveries`.',
  conflict: 'Look at its present state, then try again.',
  already_exists: 'Take another id or name.',
  limit_reached: 'Delete what is not needed any more, or ask the operator to raise the limit.',
  event_id_reused: 'Publish new content with a new --id, or leave --id out.',
  unknown_topic: 'See the topics there are: `postrider topics`.',
  reserved_topic: 'Topics that begin with webhook. are told by Postrider itself; choose another.',
  url_forbidden:
    'Use a public https URL. http and loopback are allowed by npm start only, or by ALLOW_HTTP_ENDPOINTS and EGRESS_ALLOW.',
  rate_limited: 'Wait a moment, then try again.',
  unavailable: 'A part of the system is away: `postrider doctor` says which.',
  internal: 'Give the operator the request id; it is in the log of config-api.',
};

export function explain(error: unknown): Explanation {
  const nothing = { Hint: null, Code: null, Status: null, Fields: [] };
  if (error instanceof CliError) return { ...nothing, Message: error.message, Hint: error.hint };
  if (error instanceof PostriderUnreachableError) {
    const Hint =
      'Is it running, and is the address right? Locally: npm start. What is wrong: `postrider doctor`.';
    return { ...nothing, Message: error.message, Hint };
  }
  if (error instanceof PostriderApiError) {
    const id = error.requestId === null ? '' : ` (request ${error.requestId})`;
    const Fields = error.errors.map(({ pointer, parameter, detail }) =>
      `${pointer ?? parameter ?? ''} ${detail}`.trim(),
    );
    const Hint = hints[error.code] ?? (Fields.length > 0 ? 'Correct these fields and try again.' : null);
    return { Message: error.message + id, Hint, Code: error.code, Status: error.status, Fields };
  }
  return { ...nothing, Message: error instanceof Error ? error.message : String(error) };
}

export const exitCodeOf = (error: unknown): number => (error instanceof CliError ? error.exitCode : 1);
