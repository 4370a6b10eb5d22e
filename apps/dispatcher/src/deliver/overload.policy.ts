import type { DeliveryResult } from './http-client.js';

/** Signs that the receiver can't keep up, as opposed to answers that it doesn't like the request. */
export function isOverloaded({ response, failure }: DeliveryResult): boolean {
  if (failure === null) return false;
  if (response !== null)
    return [429, 502, 503, 504].includes(response.statusCode) || failure.code === 'timeout_body';
  return failure.code !== 'invalid_response' && failure.code !== 'response_too_large';
}
