// Whoever is measured: Postrider, a peer, or what --against names. All get the same events and deliver to the same receiver.
import type { Door } from './order.js';

export type ByProcess = Readonly<Record<string, number>>;

export interface Contender {
  readonly title: string;
  /** How its publisher hands events over. */
  readonly door: Door;
  /** CPU ms so far, without the publisher and the receiver. */
  cpuMs(): ByProcess;
  rssMB(): ByProcess;
  /** Whether nothing of what was published is under way: every attempt is on record, every job is done. */
  isIdle(): Promise<boolean>;
  /** While others are measured. */
  rest?(): void;
  wake?(): void;
}
