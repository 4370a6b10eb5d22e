/** Why a request was not taken for Postrider's. */
export type VerificationErrorCode =
  | 'missing_header'
  | 'invalid_header'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'signature_mismatch'
  | 'body_not_raw'
  | 'body_too_large'
  | 'invalid_body'
  | 'invalid_secret';

/** Faults of the receiver's own set-up; all others are faults of the request. */
const ownFaults: ReadonlySet<VerificationErrorCode> = new Set(['body_not_raw', 'invalid_secret']);

/** Thrown by every function of this package; `message` says what to do, and holds nothing of the secret or the body. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  /** What to answer: 500 where the receiver's own set-up is wrong, 413, otherwise 401. */
  readonly statusCode: 401 | 413 | 500;
  // With these, frameworks that know the errors of the package http-errors (Express, Nest) answer as they should.
  readonly status: number;
  readonly expose: boolean;

  constructor(
    readonly code: VerificationErrorCode,
    message: string,
  ) {
    super(message);
    this.statusCode = ownFaults.has(code) ? 500 : code === 'body_too_large' ? 413 : 401;
    this.status = this.statusCode;
    this.expose = this.statusCode < 500;
  }
}
