// A message from JetStream has an identity of its own (stream, sequence, time), told in the subject of its
// acknowledgement. An event without an Id gets one made of it, so that a message that comes again after a crash is the
// same event. docs.nats.io, "JetStream wire API", acknowledgements:
// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time, ns>.<pending>
// or, from servers with domains, $JS.ACK.<domain>.<account>.<stream>. … .<pending>.<random>
import { hash } from 'node:crypto';
import { newId } from '@postrider/database';

/** A UUIDv7 (RFC 9562 section 5.7) of the time at which the stream took the message; random for other subjects. */
export function messageIdentity(acknowledgeTo: string): string {
  const tokens = acknowledgeTo.split('.');
  const [stream, , , sequence, , timeNs] = tokens.length >= 11 ? tokens.slice(4) : tokens.slice(2);
  if (tokens[1] !== 'ACK' || timeNs === undefined || !/^\d{7,19}$/.test(timeNs)) return newId();
  const digits = hash('sha256', `${stream}.${sequence}.${timeNs}`);
  const ms = Number(timeNs.slice(0, -6)).toString(16).padStart(12, '0');
  const variant = (8 + (Number.parseInt(digits[3] ?? '0', 16) & 3)).toString(16);
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}
