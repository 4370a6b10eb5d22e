// A circuit breaker per webhook: where nothing has come through for a while, one attempt at a time finds out whether the
// receiver is back, and everything else stays in PostgreSQL, with no attempt counted (docs/adr/0011).

export interface Circuit {
  /** Signs of overload (or of nobody there) in a row. */
  readonly failures: number;
  /** Start of the first of them, epoch ms. */
  readonly failingSinceMs: number;
  /** 0: closed. Otherwise no attempt begins before (epoch ms), and then one alone: the probe. */
  readonly openUntilMs: number;
  /** How long it was open last, in ms. */
  readonly openedForMs: number;
}

/** Fewer, or for a shorter time, is a hiccup: the cap's business. */
const failuresToOpen = 20;
const failingMsToOpen = 10_000;
const firstOpenMs = 1_000;
/** Longer would save little more, and keep whoever is back waiting. */
const longestOpenMs = 10_000;

export const closedCircuit: Circuit = { failures: 0, failingSinceMs: 0, openUntilMs: 0, openedForMs: 0 };

export function isOpen(circuit: Circuit): boolean {
  return circuit.openUntilMs !== 0;
}

/** Whether an attempt may begin while `underWay` others are. */
export function mayBegin(circuit: Circuit, underWay: number, nowMs: number): boolean {
  return !isOpen(circuit) || (underWay === 0 && nowMs >= circuit.openUntilMs);
}

/** After an attempt that began at `startedMs`. One good answer closes it. */
export function afterAttempt(
  circuit: Circuit,
  hasFailed: boolean,
  startedMs: number,
  nowMs: number,
): Circuit {
  if (!hasFailed) return closedCircuit;
  const failures = circuit.failures + 1;
  const failingSinceMs = circuit.failures === 0 ? startedMs : Math.min(circuit.failingSinceMs, startedMs);
  const next = { ...circuit, failures, failingSinceMs };
  // What was under way when it opened says nothing new.
  if (nowMs < circuit.openUntilMs) return next;
  const isHiccup = failures < failuresToOpen || nowMs - failingSinceMs < failingMsToOpen;
  if (!isOpen(circuit) && isHiccup) return next;
  const openedForMs = isOpen(circuit) ? Math.min(longestOpenMs, circuit.openedForMs * 2) : firstOpenMs;
  return { ...next, openedForMs, openUntilMs: nowMs + openedForMs };
}
