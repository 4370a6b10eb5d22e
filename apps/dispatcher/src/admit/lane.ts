// What admission knows of one webhook: its cap, its circuit, what waits and what is under way.
import type { AdmittedTask } from '../task.js';
import { afterAttempt, closedCircuit, isOpen, mayBegin, type Circuit } from './circuit.policy.js';
import {
  afterAnswer,
  afterOutage,
  newConcurrency,
  queueAllowance,
  type AnswerKind,
  type Concurrency,
} from './concurrency.policy.js';
import type { Gate, OriginGate } from './gate.js';
import { Waiting } from './waiting.js';

interface UnderWay {
  readonly startedMs: number;
  readonly organization: Gate<Lane> | null;
  readonly origin: OriginGate<Lane> | null;
}

/** Where an organization's share is half used, those whose receivers take longer than this get no more of it. */
const slowMs = 2_000;
/** The rest of the places is for new events, so that a backlog does not stand before them. */
const claimedShare = 0.75;
/**
 * Beside those places, as a part of them: for what is claimed alone. Else a webhook that gets more than it takes would
 * have all places full of new events, and what was parked would wait until they end.
 */
const reservedShare = 0.1;

export class Lane {
  concurrency: Concurrency = newConcurrency;
  circuit: Circuit = closedCircuit;
  organization: Gate<Lane> | null = null;
  /** null: no cap of an origin counts. */
  origin: OriginGate<Lane> | null = null;
  /** This dispatcher's part of the webhook's rate; may be less than one. */
  ratePerSecond: number | null = null;
  /** Earliest start of the next request under a rate limit, epoch ms. */
  nextStartMs = 0;
  timer: NodeJS.Timeout | null = null;
  readonly waiting = new Waiting();
  /** In order of start: the first is the oldest. */
  readonly underWay = new Map<AdmittedTask, UnderWay>();
  lastUsedMs = 0;

  /** How many may wait in memory, for about `patience` ms of work. */
  allowance(nowMs: number, patience?: number): number {
    if (isOpen(this.circuit)) return mayBegin(this.circuit, this.underWay.size, nowMs) ? 1 : 0;
    const allowance = queueAllowance(this.concurrency, this.oldestAgeMs(nowMs), patience);
    return this.ratePerSecond === null
      ? allowance
      : Math.min(allowance, Math.max(1, Math.floor(this.ratePerSecond)));
  }

  /** Whether one more finds no place to wait. */
  isFullFor({ task }: AdmittedTask, nowMs: number, patience: number): boolean {
    const allowance = this.allowance(nowMs, patience);
    const { length, claimed } = this.waiting;
    const reserved = this.reservedOf(allowance);
    if (task.isClaimed && claimed < reserved) return false;
    return length - Math.min(claimed, reserved) >= allowance;
  }

  /** How many of those that wait are too many by now. */
  excess(nowMs: number, patience: number): number {
    const allowance = this.allowance(nowMs, patience);
    const { length, claimed } = this.waiting;
    return Math.max(0, length - Math.min(claimed, this.reservedOf(allowance)) - allowance);
  }

  /** How many more a claim may bring: little at a time, since what stays in PostgreSQL costs nothing there. */
  room(nowMs: number): number {
    const allowance = this.allowance(nowMs);
    const { length, claimed } = this.waiting;
    return Math.max(0, claimable(allowance) - length, this.reservedOf(allowance) - claimed);
  }

  /** None while the circuit lets nothing but a probe through. */
  private reservedOf(allowance: number): number {
    return isOpen(this.circuit) ? 0 : Math.max(1, Math.floor(allowance * reservedShare));
  }

  private oldestAgeMs(nowMs: number): number {
    const [oldest] = this.underWay.values();
    return oldest === undefined ? 0 : nowMs - oldest.startedMs;
  }

  /** Where it may not begin for others' sake, it waits at their gate. */
  mayBegin(nowMs: number): boolean {
    const { organization, origin } = this;
    const { size } = this.underWay;
    if (size >= Math.floor(this.concurrency.limit) || !mayBegin(this.circuit, size, nowMs)) return false;
    const isSlow = size > 0 && this.oldestAgeMs(nowMs) > slowMs;
    if (organization !== null && (organization.isFull || (isSlow && organization.isHalfFull))) {
      organization.waitFor(this);
      return false;
    }
    if (size > 0 && origin?.isFull === true) {
      origin.waitFor(this);
      return false;
    }
    return true;
  }

  begin(admitted: AdmittedTask, nowMs: number): void {
    const { organization, origin } = this;
    organization?.enter();
    origin?.enter();
    this.underWay.set(admitted, { startedMs: nowMs, organization, origin });
  }

  /** The answer says how the receiver is. */
  answered(admitted: AdmittedTask, kind: AnswerKind, nowMs: number): void {
    const { startedMs = nowMs, origin = null } = this.underWay.get(admitted) ?? {};
    const wasOpen = isOpen(this.circuit);
    const timeoutMs = admitted.webhook.TimeoutSeconds * 1000;
    this.concurrency = afterAnswer(this.concurrency, kind, nowMs - startedMs, nowMs, timeoutMs);
    this.circuit = afterAttempt(this.circuit, kind === 'overloaded', startedMs, nowMs);
    if (wasOpen && !isOpen(this.circuit)) this.concurrency = afterOutage(this.concurrency);
    origin?.answered(kind, nowMs - startedMs, nowMs);
  }

  /** Whether it was under way; if so, `next` hears of those that may try now. */
  end(admitted: AdmittedTask, next: (lane: Lane) => void): boolean {
    const entry = this.underWay.get(admitted);
    if (entry === undefined) return false;
    this.underWay.delete(admitted);
    for (const gate of [entry.organization, entry.origin]) {
      const lane = gate?.leave();
      if (lane !== undefined) next(lane);
    }
    return true;
  }
}

/** Of what may wait for a webhook that is not known yet, too. */
export function claimable(allowance: number): number {
  return Math.min(allowance, Math.max(1, Math.floor(allowance * claimedShare)));
}
