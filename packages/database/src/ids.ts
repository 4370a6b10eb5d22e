// Ids of everything: UUIDv7, three for each delivery, so that making one is a matter of nanoseconds here.
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const bytesPerId = 16;
/** Asking the system for random bytes costs microseconds each time: they are fetched for 512 ids at once. */
const randomBytes = new Uint8Array(512 * bytesPerId);
let usedBytes = randomBytes.length;
/** Those of one id. */
const random = new Uint8Array(bytesPerId);

/** The id that is being made, and its text. */
const bytes = new Uint8Array(bytesPerId);
const text = Buffer.from('00000000-0000-0000-0000-000000000000', 'latin1');
/** Where the two digits of each byte stand in the text. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const digits = Buffer.from('0123456789abcdef', 'latin1');

/** The millisecond and the counter of the last id that was made without a given millisecond. */
let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562). Without `ms` they ascend within a process; with `ms`, it is one of that millisecond, in no
 * order among them.
 */
export function newId(ms?: number): string {
  takeRandom();
  if (ms !== undefined) return textOf(v7({ msecs: ms, random }, bytes));
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter =
      (((random[6] ?? 0) & 0x7f) << 24) |
      ((random[7] ?? 0) << 16) |
      ((random[8] ?? 0) << 8) |
      (random[9] ?? 0);
  } else {
    counter = (counter + 1) | 0;
    if (counter === 0) lastMs += 1;
  }
  return textOf(v7({ msecs: lastMs, seq: counter, random }, bytes));
}

/** One flat string: the library joins twenty, which every reader of the id has to flatten again. */
function textOf(id: Uint8Array): string {
  for (let index = 0; index < bytesPerId; index += 1) {
    const byte = id[index] ?? 0;
    const place = places[index] ?? 0;
    text[place] = digits[byte >> 4] ?? 0;
    text[place + 1] = digits[byte & 15] ?? 0;
  }
  return text.toString('latin1');
}

function takeRandom(): void {
  if (usedBytes === randomBytes.length) {
    randomFillSync(randomBytes);
    usedBytes = 0;
  }
  for (let index = 0; index < bytesPerId; index += 1) random[index] = randomBytes[usedBytes + index] ?? 0;
  usedBytes += bytesPerId;
}

/** Epoch milliseconds in a UUIDv7. */
export function idMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const maxIdMs = 2 ** 48 - 1;

/** The smallest UUID of one millisecond and the largest of another, for a range over ids; times that no id can have are cut to those that it can. */
export function idRange(fromMs: number, toMs: number): { readonly first: string; readonly last: string } {
  const hex = (ms: number) => Math.min(Math.max(0, ms), maxIdMs).toString(16).padStart(12, '0');
  const first = hex(fromMs);
  const last = hex(toMs);
  return {
    first: `${first.slice(0, 8)}-${first.slice(8)}-0000-0000-000000000000`,
    last: `${last.slice(0, 8)}-${last.slice(8)}-ffff-ffff-ffffffffffff`,
  };
}
