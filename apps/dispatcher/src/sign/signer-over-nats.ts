// The signer, asked by a NATS request for many signatures at a time.
import { requestSubjects } from '@postrider/contracts';
import type { Messaging } from '@postrider/messaging';
import { measure } from '../telemetry.js';
import { SignBatcher } from './sign-batcher.js';

const timeoutMs = 3_000;
/** Requests at the same time; meanwhile the next ones gather. */
const maxInFlight = 8;

export function signerOver(
  messaging: Messaging,
  onError: (what: string, error: unknown) => void,
): SignBatcher {
  return new SignBatcher({
    ask: async (request) => {
      const startedMs = performance.now();
      const reply = await messaging.request(requestSubjects.sign, request, timeoutMs);
      measure.signed(startedMs);
      return reply;
    },
    maxInFlight,
    onError: (error, items) => onError(`${items} deliveries could not be signed; they wait`, error),
  });
}
