// How long it takes from an event to its receipt.
import type { Delivery } from '@postrider/contracts';

export interface Lag {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

/** Of deliveries that succeeded by themselves: a resend by hand says nothing about how quick Postrider is. */
export function lagOf(deliveries: readonly Delivery[]): Lag | null {
  const lags = deliveries
    .filter(({ Status, Trigger }) => Status === 'Succeeded' && Trigger === 'event')
    .map(({ CreatedAt, UpdatedAt }) => Math.max(0, UpdatedAt - CreatedAt))
    .sort((a, b) => a - b);
  const at = (share: number): number => lags[Math.ceil(lags.length * share) - 1] ?? 0;
  return lags.length === 0 ? null : { p50: at(0.5), p95: at(0.95), count: lags.length };
}
