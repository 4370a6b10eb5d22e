import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Asking the system for random bytes costs microseconds each time: they are fetched for 512 ids at once. */
const randomBytes = new Uint8Array(8_192);
const bytesPerId = 16;
let usedBytes = randomBytes.length;

/** The millisecond and the counter of the last id that was made without a given millisecond. */
let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562). Without `ms` they ascend within a process; with `ms`, it is one of that millisecond, in no
 * order among them.
 */
export function newId(ms?: number): string {
  const random = nextRandom();
  if (ms !== undefined) return v7({ msecs: ms, random });
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
  return v7({ msecs: lastMs, seq: counter, random });
}

function nextRandom(): Uint8Array {
  if (usedBytes === randomBytes.length) {
    randomFillSync(randomBytes);
    usedBytes = 0;
  }
  usedBytes += bytesPerId;
  return randomBytes.subarray(usedBytes - bytesPerId, usedBytes);
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
