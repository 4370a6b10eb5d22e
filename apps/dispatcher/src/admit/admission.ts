// Who may begin now: caps per webhook and per origin that follow the receiver, a share per organization, a cap over all,
// turns among webhooks, and a place to wait that is only as long as seconds of work. What finds no place is parked in
// PostgreSQL, so that a slow receiver costs its own deliveries time and nobody else's.
import type { AdmittedTask } from '../task.js';
import { newConcurrency, parkingMs, queueAllowance, type AnswerKind } from './concurrency.policy.js';
import { Gate, OriginGate } from './gate.js';
import { claimable, Lane } from './lane.js';
import { ratePerSecond } from './rate.policy.js';

export interface AdmissionOptions {
  readonly maxInFlight: number;
  /** Of those, one organization's at most: the rest is left to the others. */
  readonly maxPerOrganization: number;
  /** Requests to one origin at most; each webhook may always have one under way. */
  readonly maxPerOrigin: number;
  /** The origin whose cap counts; null: none does. */
  readonly originOf: (admitted: AdmittedTask) => string | null;
  /** For how much time of work may wait while so many deliveries, with so many bytes of text, are held in memory, in ms. */
  readonly patienceMs: (held: number, bytes: number) => number;
  /** Epoch ms by this machine. */
  readonly now: () => number;
  readonly random: () => number;
  /** How many dispatchers share a webhook's rate limit: each keeps to its part. */
  readonly dispatchers: () => number;
  /** Whether the lease still covers the longest that the attempt may take. */
  readonly isLeaseGood: (admitted: AdmittedTask) => boolean;
  readonly start: (admitted: AdmittedTask) => void;
  readonly park: (admitted: AdmittedTask, delayMs: number) => void;
  /** The lease came to its end while it waited: it is PostgreSQL's again. */
  readonly drop: (admitted: AdmittedTask) => void;
}

const sweepMs = 250;
/** How far starts under a rate limit may lag behind their times and still be made up for. */
const latenessMs = 50;
const forgetAfterMs = 300_000;

export class Admission {
  private readonly lanes = new Map<string, Lane>();
  private readonly organizations = new Map<string, Gate<Lane>>();
  private readonly origins = new Map<string, OriginGate<Lane>>();
  /** Webhooks that have something waiting and room to begin it, in turns. */
  private readonly ready = new Set<Lane>();
  private underWayCount = 0;
  private waitingCount = 0;
  private bytes = 0;
  private isPumping = false;
  private closed = false;
  private gatesSweptMs = 0;
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly options: AdmissionOptions) {
    this.sweeper = setInterval(() => this.sweep(), sweepMs);
    this.sweeper.unref();
  }

  get inFlight(): number {
    return this.underWayCount;
  }

  get waiting(): number {
    return this.waitingCount;
  }

  /** Deliveries in memory, waiting or under way. */
  get held(): number {
    return this.underWayCount + this.waitingCount;
  }

  /** Of their texts; one that several deliveries share counts for each of them. */
  get heldBytes(): number {
    return this.bytes;
  }

  private get patienceMs(): number {
    return this.options.patienceMs(this.held, this.bytes);
  }

  /** Begins it, lets it wait, or parks it. */
  submit(admitted: AdmittedTask): void {
    const lane = this.laneOf(admitted);
    const rate = ratePerSecond(admitted.webhook);
    lane.ratePerSecond = rate === null ? null : rate / this.options.dispatchers();
    if (this.closed) {
      this.options.park(admitted, 0);
      return;
    }
    if (lane.isFullFor(admitted, this.options.now(), this.patienceMs)) {
      this.park(lane, admitted);
      return;
    }
    lane.waiting.push(admitted);
    this.waitingCount += 1;
    this.bytes += bytesOf(admitted);
    this.ready.add(lane);
    this.pump();
  }

  /** How many more of this webhook's deliveries would find a place now: the quota of a claim. */
  room(webhookId: string): number {
    const lane = this.lanes.get(webhookId);
    return lane === undefined ? claimable(queueAllowance(newConcurrency, 0)) : lane.room(this.options.now());
  }

  /** The request has ended, and its answer says how the receiver is. */
  finish(admitted: AdmittedTask, kind: AnswerKind): void {
    const lane = this.laneOf(admitted);
    lane.answered(admitted, kind, this.options.now());
    this.release(lane, admitted);
  }

  /** It was never sent (no signature to be had): says nothing about the receiver. */
  withdraw(admitted: AdmittedTask): void {
    this.release(this.laneOf(admitted), admitted);
  }

  /** It was never sent, and its lease no longer covers the attempt: PostgreSQL owns it again. */
  expire(admitted: AdmittedTask): void {
    this.options.drop(admitted);
    this.withdraw(admitted);
  }

  private release(lane: Lane, admitted: AdmittedTask): void {
    if (lane.end(admitted, (next) => this.ready.add(next))) {
      this.underWayCount -= 1;
      this.bytes -= bytesOf(admitted);
    }
    if (lane.waiting.length > 0) this.ready.add(lane);
    this.pump();
  }

  private laneOf(admitted: AdmittedTask): Lane {
    const { webhookId } = admitted.task;
    let lane = this.lanes.get(webhookId);
    if (lane === undefined) {
      lane = new Lane();
      this.lanes.set(webhookId, lane);
    }
    lane.lastUsedMs = this.options.now();
    return lane;
  }

  /** Gates are looked up for each turn, so that those that nobody uses can be forgotten. */
  private setGates(lane: Lane, admitted: AdmittedTask): void {
    const { maxPerOrganization, maxPerOrigin, originOf } = this.options;
    const { organizationId } = admitted.task;
    lane.organization = remembered(this.organizations, organizationId, () => new Gate(maxPerOrganization));
    const origin = originOf(admitted);
    lane.origin =
      origin === null ? null : remembered(this.origins, origin, () => new OriginGate(maxPerOrigin));
  }

  private park(lane: Lane, admitted: AdmittedTask): void {
    const random = this.options.random();
    const openMs = lane.circuit.openUntilMs - this.options.now();
    this.options.park(admitted, Math.max(parkingMs(random), Math.round(openMs * (1 + random))));
  }

  /**
   * Begins what can be begun, one per webhook in turn. What is begun may be withdrawn at once and ask for the next one:
   * that only adds to the turns of the loop under way, else a webhook paused with thousands waiting would overflow the
   * stack.
   */
  private pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      this.takeTurns();
    } finally {
      this.isPumping = false;
    }
  }

  private takeTurns(): void {
    for (const lane of this.ready) {
      if (this.underWayCount >= this.options.maxInFlight) return;
      this.ready.delete(lane);
      this.dropExpired(lane);
      const { first } = lane.waiting;
      if (first === undefined) continue;
      this.setGates(lane, first);
      const now = this.options.now();
      if (!lane.mayBegin(now)) continue;
      if (first.along === undefined && this.isPaced(lane)) continue;
      lane.waiting.shift();
      this.waitingCount -= 1;
      if (lane.waiting.length > 0) this.ready.add(lane);
      this.underWayCount += 1;
      lane.begin(first, now);
      this.options.start(first);
    }
  }

  /** What stands first and would no longer end within its lease: PostgreSQL owns it again. */
  private dropExpired(lane: Lane): void {
    for (;;) {
      const { first } = lane.waiting;
      if (first === undefined || this.options.isLeaseGood(first)) return;
      lane.waiting.shift();
      this.waitingCount -= 1;
      this.bytes -= bytesOf(first);
      this.options.drop(first);
    }
  }

  /** Whether the webhook's own rate says to wait; if so the lane comes back by itself. */
  private isPaced(lane: Lane): boolean {
    const rate = lane.ratePerSecond;
    if (rate === null) return false;
    const now = this.options.now();
    const waitMs = lane.nextStartMs - now;
    if (waitMs > 0) {
      lane.timer ??= setTimeout(() => {
        lane.timer = null;
        this.ready.add(lane);
        this.pump();
      }, waitMs);
      return true;
    }
    // Timers are late, and a rate of thousands needs several starts per ms: what was missed is made up for, a little.
    const dueMs = -waitMs > latenessMs ? now : lane.nextStartMs;
    lane.nextStartMs = dueMs + 1000 / rate;
    return false;
  }

  /** What has stopped moving since it was let in is parked; lanes that nobody uses are forgotten. */
  private sweep(): void {
    const now = this.options.now();
    const patience = this.patienceMs;
    for (const [webhookId, lane] of this.lanes) {
      this.dropExpired(lane);
      const excess = lane.excess(now, patience);
      if (excess > 0) {
        const parked = lane.waiting.takeLast(excess);
        this.waitingCount -= parked.length;
        for (const admitted of parked) {
          this.bytes -= bytesOf(admitted);
          this.park(lane, admitted);
        }
      }
      const idle = lane.waiting.length === 0 && lane.underWay.size === 0;
      if (idle && now - lane.lastUsedMs > forgetAfterMs) this.lanes.delete(webhookId);
      // Whose circuit or receiver has changed by time alone is asked again.
      if (lane.waiting.length > 0) this.ready.add(lane);
    }
    if (now - this.gatesSweptMs > forgetAfterMs) this.forgetGates(now);
    this.pump();
  }

  private forgetGates(now: number): void {
    this.gatesSweptMs = now;
    for (const gates of [this.organizations, this.origins])
      for (const [key, gate] of gates) if (gate.isIdle) gates.delete(key);
  }

  /** Takes back everything that waits (to be handed to other dispatchers) and lets nothing more begin. */
  close(): AdmittedTask[] {
    this.closed = true;
    clearInterval(this.sweeper);
    this.ready.clear();
    const left: AdmittedTask[] = [];
    for (const lane of this.lanes.values()) {
      if (lane.timer !== null) clearTimeout(lane.timer);
      left.push(...lane.waiting.takeLast(lane.waiting.length));
    }
    this.waitingCount = 0;
    for (const admitted of left) this.bytes -= bytesOf(admitted);
    return left;
  }
}

function bytesOf({ task, along }: AdmittedTask): number {
  let bytes = task.event.bodyPrefix.length;
  for (const { event } of along ?? []) bytes += event.bodyPrefix.length;
  return bytes;
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
