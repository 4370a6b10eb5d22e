// How deliveries are shared out over messages of the fast lane: full ones, but none above the limits.
import { maxDeliveriesPerLaneMessage, maxLaneMessageBytes, type LaneDelivery } from '@postrider/contracts';

/** More than a delivery, or an event without its text, takes in a message's head. */
const headBytesPerDelivery = 200;
const headBytesPerEvent = 400;
const frameBytes = 64;

/** The most bytes that a message with just one delivery of this text takes. */
export function loneMessageBytes(textBytes: number): number {
  return frameBytes + headBytesPerEvent + headBytesPerDelivery + textBytes;
}

/**
 * Deliveries, those of one event next to each other, as a list per message: at most 64, and 256 KiB with the text of
 * each event counted once. Only an event that is larger by itself makes a message larger, and goes alone.
 * `maxPayloadBytes` is never exceeded, if each text `fits` by itself (loneMessageBytes).
 */
export function packLane(deliveries: readonly LaneDelivery[], maxPayloadBytes: number): LaneDelivery[][] {
  const messages: LaneDelivery[][] = [];
  let message: LaneDelivery[] = [];
  let bytes = 0;
  for (const delivery of deliveries) {
    const sharesText = message.at(-1)?.event === delivery.event;
    const more = headBytesPerDelivery + (sharesText ? 0 : headBytesPerEvent + delivery.event.text.length);
    const limit = message[0]?.event === delivery.event ? Infinity : maxLaneMessageBytes;
    if (
      message.length > 0 &&
      message.length < maxDeliveriesPerLaneMessage &&
      bytes + more <= Math.min(limit, maxPayloadBytes)
    ) {
      message.push(delivery);
      bytes += more;
    } else {
      message = [delivery];
      messages.push(message);
      bytes = loneMessageBytes(delivery.event.text.length);
    }
  }
  return messages;
}
