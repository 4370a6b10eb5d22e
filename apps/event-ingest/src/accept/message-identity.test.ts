import { expect, test } from '@jest/globals';
import { idMs } from '@postrider/database';
import { messageIdentity } from './message-identity.js';

const timeNs = '1590591051225000001';

test('a message that comes again has the same identity, a UUIDv7 of the time at which the stream took it', () => {
  const first = messageIdentity(`$JS.ACK.EVENTS.event-ingest.1.17.17.${timeNs}.3`);
  const again = messageIdentity(`$JS.ACK.EVENTS.event-ingest.2.17.99.${timeNs}.0`);
  const withDomain = messageIdentity(`$JS.ACK.hub.AABBCC.EVENTS.event-ingest.1.17.17.${timeNs}.3.xyz`);
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(idMs(first)).toBe(1_590_591_051_225);
  expect(again).toBe(first);
  expect(withDomain).toBe(first);
});

test('other messages, and the same sequence of a stream that was made anew, have others', () => {
  const ids = [
    `$JS.ACK.EVENTS.event-ingest.1.17.17.${timeNs}.3`,
    `$JS.ACK.EVENTS.event-ingest.1.18.17.${timeNs}.3`,
    '$JS.ACK.EVENTS.event-ingest.1.17.17.1590591051225000002.3',
    '',
    'any.other.subject.that.is.no.acknowledgement.x',
    '$JS.ACK.EVENTS.event-ingest.1.17.17.notatime.3',
  ].map(messageIdentity);
  expect(new Set(ids).size).toBe(ids.length);
});
