// What an answer says of the receiver: that it took the delivery, that it can't keep up, or merely that it doesn't like
// the request.
import type { DeliveryFailure } from './error-codes.policy.js';

const overloadedStatuses = [429, 502, 503, 504];

export interface JudgedAnswer {
  readonly response: { readonly statusCode: number } | null;
  readonly failure: DeliveryFailure | null;
}

export function answerKindOf({ response, failure }: JudgedAnswer): 'received' | 'answered' | 'overloaded' {
  if (failure === null) return 'received';
  const isOverloaded =
    response === null
      ? failure.code !== 'invalid_response' && failure.code !== 'response_too_large'
      : overloadedStatuses.includes(response.statusCode) || failure.code === 'timeout_body';
  return isOverloaded ? 'overloaded' : 'answered';
}
