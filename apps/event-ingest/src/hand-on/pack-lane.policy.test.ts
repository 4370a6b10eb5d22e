import { expect, test } from '@jest/globals';
import { encodeLaneMessage, type LaneDelivery, type LaneEvent } from '@postrider/contracts';
import { loneMessageBytes, packLane } from './pack-lane.policy.js';

const uuid = '0192f0c1-7a3b-7c4d-8e5f-0123456789ab';
const maxPayloadBytes = 1_048_576;

function event(bytes: number): LaneEvent {
  return { organizationId: uuid, id: 'x'.repeat(64), topic: 'y'.repeat(128), text: Buffer.alloc(bytes, 'z') };
}

function deliveries(of: LaneEvent, count: number): LaneDelivery[] {
  return Array.from({ length: count }, () => ({
    event: of,
    id: uuid,
    webhookId: uuid,
    leaseUntil: 8_640_000_000_000_000,
    trigger: 'event' as const,
  }));
}

const shape = (messages: readonly (readonly LaneDelivery[])[]) => messages.map((message) => message.length);

test('nothing makes no message, one delivery one', () => {
  expect(packLane([], maxPayloadBytes)).toEqual([]);
  expect(shape(packLane(deliveries(event(100), 1), maxPayloadBytes))).toEqual([1]);
});

test('64 deliveries go in a message, of one event or of many', () => {
  expect(shape(packLane(deliveries(event(1_000), 130), maxPayloadBytes))).toEqual([64, 64, 2]);
  const many = Array.from({ length: 130 }, () => deliveries(event(1_000), 1)).flat();
  expect(shape(packLane(many, maxPayloadBytes))).toEqual([64, 64, 2]);
});

test('a message is at most 256 KiB, with the text of each event counted once', () => {
  const large = Array.from({ length: 6 }, () => deliveries(event(80_000), 20)).flat();
  const messages = packLane(large, maxPayloadBytes);
  expect(shape(messages)).toEqual([60, 60]);
  for (const message of messages) expect(encodeLaneMessage(message).length).toBeLessThanOrEqual(262_144);
});

test('an event larger than that goes alone, with up to 64 of its own deliveries', () => {
  const [before, huge, after] = [event(100), event(500_000), event(100)];
  const messages = packLane(
    [...deliveries(before, 2), ...deliveries(huge, 70), ...deliveries(after, 3)],
    maxPayloadBytes,
  );
  expect(shape(messages)).toEqual([2, 64, 6, 3]);
  expect(messages[1]?.every((one) => one.event === huge)).toBe(true);
});

test('no message exceeds what NATS takes, however large the event that fits by itself', () => {
  const limit = 65_536;
  const largest = event(limit - loneMessageBytes(0));
  const messages = packLane([...deliveries(largest, 3), ...deliveries(event(30_000), 100)], limit);
  expect(shape(messages).slice(0, 3)).toEqual([1, 1, 1]);
  for (const message of messages) expect(encodeLaneMessage(message).length).toBeLessThanOrEqual(limit);
});
