// What the record stage writes down of an attempt.
import type { AttemptErrorCode, AttemptTrigger, DeliveryStatus } from '@postrider/contracts';

export interface AttemptOutcome {
  readonly attemptId: string;
  readonly organizationId: string;
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly resendId: string | null;
  readonly trigger: AttemptTrigger;
  readonly number: number;
  /** The lease token. */
  readonly leaseUntil: number;
  /** Epoch ms by this machine's clock, as in `webhook-timestamp`. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly statusCode: number | null;
  readonly errorCode: AttemptErrorCode | null;
  readonly errorMessage: string | null;
  readonly url: string;
  readonly userAgent: string;
  readonly hasAuthorization: boolean;
  /** null where the attempt ended before it was signed. */
  readonly hubSignature: string | null;
  readonly standardSignature: string | null;
  /** JSON object of the response's headers, or null where none came. */
  readonly responseHeaders: string | null;
  readonly responseBody: Buffer | null;
  readonly responseTruncated: boolean | null;
  /** JSON of the request as sent, of a message to people; null where it is made anew from the event. */
  readonly request: string | null;
  /** It went along with another delivery, in one message: a failure of it is no second one of the webhook. */
  readonly isAlong: boolean;
  /** What becomes of the delivery (for resends: only whether it succeeded counts). */
  readonly status: DeliveryStatus;
  /** For Pending: ms until the next attempt. */
  readonly delayMs: number | null;
}

export function hasSucceeded(outcome: AttemptOutcome): boolean {
  return outcome.errorCode === null;
}
