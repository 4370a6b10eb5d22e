import { WebhookVerificationError } from './errors.js';
import type { WebhookEvent } from './event.js';
import { headerOf, type HeadersLike } from './headers.js';
import { isHubSignature, isStandardSignature } from './signatures.js';

export interface VerifyOptions {
  /** How far `webhook-timestamp` may be from now, either way; default 300, as Standard Webhooks advises. */
  readonly toleranceSeconds?: number;
  /**
   * Which signature must be right; default `standard`. `hub` (X-Hub-Signature, as receivers for Cron To Go check it)
   * covers the body but not the time: an old request, sent again by somebody who saw it, verifies too.
   */
  readonly form?: 'standard' | 'hub';
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

const defaultToleranceSeconds = 300;

/**
 * Answers the event of a request whose signature is right.
 *
 * @param rawBody the body's bytes as they came (or the text that they are in UTF-8), never parsed and printed again.
 * @param headers the request's headers.
 * @param secrets the signing secret as it was shown (`whsec_…`); several while a rotation is under way.
 * @throws WebhookVerificationError with `code` and a `statusCode` to answer.
 */
export function verify<Data = Record<string, unknown>>(
  rawBody: string | Uint8Array,
  headers: HeadersLike,
  secrets: string | readonly string[],
  { toleranceSeconds = defaultToleranceSeconds, form = 'standard', now = Date.now }: VerifyOptions = {},
): WebhookEvent<Data> {
  const body = bytesOf(rawBody);
  const keys = keysOf(secrets);
  const isRight =
    form === 'hub'
      ? isHubSignature(required(headers, 'x-hub-signature'), body, keys)
      : isRightStandard(headers, body, keys, { toleranceSeconds, now });
  if (!isRight) {
    throw new WebhookVerificationError(
      'signature_mismatch',
      'No signature of the request is right: is it the secret of this webhook, and is the body raw?',
    );
  }
  return parsed(body) as WebhookEvent<Data>;
}

function isRightStandard(
  headers: HeadersLike,
  body: Uint8Array,
  secrets: readonly string[],
  { toleranceSeconds, now }: Required<Pick<VerifyOptions, 'toleranceSeconds' | 'now'>>,
): boolean {
  const signature = headerOf(headers, 'webhook-signature');
  if (signature === undefined && headerOf(headers, 'x-hub-signature') !== undefined) {
    throw new WebhookVerificationError(
      'missing_header',
      "The request has X-Hub-Signature but no webhook-signature; to take the former alone, pass { form: 'hub' }.",
    );
  }
  const id = required(headers, 'webhook-id');
  const timestamp = required(headers, 'webhook-timestamp');
  const isRight = isStandardSignature(required(headers, 'webhook-signature'), id, timestamp, body, secrets);
  // After the signature: a clock that is off shall not hide a wrong secret.
  if (isRight) checkTime(timestamp, toleranceSeconds, now());
  return isRight;
}

function checkTime(timestamp: string, toleranceSeconds: number, nowMs: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError('invalid_header', 'webhook-timestamp is no whole number of seconds.');
  }
  const ageSeconds = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) {
    throw new WebhookVerificationError(
      'timestamp_too_old',
      `The request was signed ${ageSeconds} s ago, ${toleranceSeconds} s are allowed (toleranceSeconds): is it sent again by somebody else, or is this machine's clock fast?`,
    );
  }
  if (-ageSeconds > toleranceSeconds) {
    throw new WebhookVerificationError(
      'timestamp_too_new',
      `The request is dated ${-ageSeconds} s ahead, ${toleranceSeconds} s are allowed (toleranceSeconds): is this machine's clock slow?`,
    );
  }
}

function required(headers: HeadersLike, name: string): string {
  const value = headerOf(headers, name);
  if (value === undefined || value === '') {
    throw new WebhookVerificationError('missing_header', `The request has no header ${name}.`);
  }
  return value;
}

function keysOf(secrets: string | readonly string[]): readonly string[] {
  const keys = typeof secrets === 'string' ? [secrets] : secrets;
  if (
    !Array.isArray(keys) ||
    keys.length === 0 ||
    keys.some((key) => typeof key !== 'string' || key === '')
  ) {
    throw new WebhookVerificationError(
      'invalid_secret',
      'No signing secret was given: is the environment variable that holds it set?',
    );
  }
  return keys as readonly string[];
}

function bytesOf(rawBody: string | Uint8Array): Uint8Array {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  if (rawBody instanceof Uint8Array) return rawBody;
  throw new WebhookVerificationError(
    'body_not_raw',
    'The body is not raw: verify its bytes (Buffer, Uint8Array or string) before anything parses them.',
  );
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    throw new WebhookVerificationError('invalid_body', 'The signature is right but the body is not JSON.');
  }
}
