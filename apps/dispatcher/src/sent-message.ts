// What became of a message to people, whichever way it went.
import type { SentRequest } from '@postrider/contracts';
import type { DeliveryFailure } from './deliver/error-codes.policy.js';
import type { DeliveryResult } from './deliver/http-client.js';

export interface SentMessage {
  /** As recorded. */
  readonly request: SentRequest;
  /** Null where nothing was sent. */
  readonly result: DeliveryResult | null;
  readonly failure: DeliveryFailure | null;
}
