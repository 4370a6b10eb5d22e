// The events of a benchmark: the same text for everybody. SentAtUs is when an event was meant to begin.
import { monotonicUs } from './clock.js';

export const topic = 'job.execution.succeeded';

export interface BenchEvent {
  readonly Id: string;
  readonly Data: { readonly SentAtUs: number; readonly Padding: string };
}

const paddings = new Map<number, string>();

export function makeEvent(id: string, bytes: number, sentAtUs: number = monotonicUs()): BenchEvent {
  let padding = paddings.get(bytes);
  if (padding === undefined) {
    padding = 'x'.repeat(bytes);
    paddings.set(bytes, padding);
  }
  return { Id: id, Data: { SentAtUs: sentAtUs, Padding: padding } };
}
