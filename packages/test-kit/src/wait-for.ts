import { inspect } from 'node:util';

export interface WaitOptions {
  /** Default 45,000. */
  readonly timeoutMs?: number;
  /** Default 20. */
  readonly intervalMs?: number;
}

const defaultTimeoutMs = 45_000;
const defaultIntervalMs = 20;

/**
 * Waits until `condition` gives something truthy and returns that. A condition that throws is one that does not hold yet.
 * The error at the end names what was awaited and what was seen last.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = defaultTimeoutMs, intervalMs = defaultIntervalMs }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look(condition);
    if ('value' in seen && seen.value) return seen.value;
    if (performance.now() >= deadline) {
      const last = 'value' in seen ? inspect(seen.value, { depth: 4 }) : `an error: ${inspect(seen.error)}`;
      throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

async function look<T>(condition: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}
