// Who may begin now: a cap per webhook that follows its receiver, a cap over all, turns among webhooks, and a place to
// wait that is only as long as a second of work. What finds no place is parked in PostgreSQL, so that a slow receiver
// costs its own deliveries time and nobody else's.
import type { AdmittedTask } from '../task.js';
import {
  afterAnswer,
  newConcurrency,
  parkingMs,
  queueAllowance,
  type AnswerKind,
  type Concurrency,
} from './concurrency.policy.js';

export interface AdmissionOptions {
  readonly maxInFlight: number;
  /** Epoch ms by this machine. */
  readonly now: () => number;
  readonly random: () => number;
  /** How many dispatchers share a webhook's rate limit: each keeps to its part. */
  readonly dispatchers: () => number;
  /** Whether the lease still covers the longest that the attempt may take. */
  readonly isLeaseGood: (admitted: AdmittedTask) => boolean;
  readonly start: (admitted: AdmittedTask) => void;
  readonly park: (admitted: AdmittedTask, delayMs: number) => void;
  /** The lease ran out while it waited: PostgreSQL owns it again. */
  readonly drop: (admitted: AdmittedTask) => void;
}

/** What is known of one webhook here. */
interface Lane {
  concurrency: Concurrency;
  ratePerSecond: number | null;
  /** Earliest start of the next request under a rate limit, epoch ms. */
  nextStartMs: number;
  timer: NodeJS.Timeout | null;
  readonly waiting: AdmittedTask[];
  /** Start times in order of start: the first is the oldest. */
  readonly underWay: Map<AdmittedTask, number>;
  lastUsedMs: number;
}

const sweepMs = 250;
/** How far starts under a rate limit may lag behind their times and still be made up for. */
const latenessMs = 50;
const forgetAfterMs = 300_000;

export class Admission {
  private readonly lanes = new Map<string, Lane>();
  /** Webhooks that have something waiting and room to begin it, in turns. */
  private readonly ready = new Set<Lane>();
  private underWayCount = 0;
  private waitingCount = 0;
  private isPumping = false;
  private closed = false;
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

  /** Begins it, lets it wait, or parks it. */
  submit(admitted: AdmittedTask): void {
    const lane = this.lane(admitted.task.webhookId);
    lane.ratePerSecond = admitted.webhook.RateLimitPerSecond;
    if (this.closed) {
      this.options.park(admitted, 0);
      return;
    }
    if (lane.waiting.length >= this.allowance(lane)) {
      this.options.park(admitted, parkingMs(lane.concurrency, lane.waiting.length, this.options.random()));
      return;
    }
    lane.waiting.push(admitted);
    this.waitingCount += 1;
    this.ready.add(lane);
    this.pump();
  }

  /** How many more of this webhook's deliveries would find a place now: the quota of a claim. */
  room(webhookId: string): number {
    const lane = this.lanes.get(webhookId);
    if (lane === undefined) return queueAllowance(newConcurrency, 0);
    return Math.max(0, this.allowance(lane) - lane.waiting.length);
  }

  /** The request has ended, and its answer says how the receiver is. */
  finish(admitted: AdmittedTask, kind: AnswerKind): void {
    const lane = this.lane(admitted.task.webhookId);
    const now = this.options.now();
    const startedMs = lane.underWay.get(admitted) ?? now;
    lane.concurrency = afterAnswer(lane.concurrency, kind, now - startedMs, now);
    this.release(lane, admitted);
  }

  /** It was never sent (no signature to be had): says nothing about the receiver. */
  withdraw(admitted: AdmittedTask): void {
    this.release(this.lane(admitted.task.webhookId), admitted);
  }

  /** It was never sent, and its lease no longer covers the attempt: PostgreSQL owns it again. */
  expire(admitted: AdmittedTask): void {
    this.options.drop(admitted);
    this.withdraw(admitted);
  }

  private release(lane: Lane, admitted: AdmittedTask): void {
    if (lane.underWay.delete(admitted)) this.underWayCount -= 1;
    if (lane.waiting.length > 0) this.ready.add(lane);
    this.pump();
  }

  private lane(webhookId: string): Lane {
    let lane = this.lanes.get(webhookId);
    if (lane === undefined) {
      lane = {
        concurrency: newConcurrency,
        ratePerSecond: null,
        nextStartMs: 0,
        timer: null,
        waiting: [],
        underWay: new Map(),
        lastUsedMs: 0,
      };
      this.lanes.set(webhookId, lane);
    }
    lane.lastUsedMs = this.options.now();
    return lane;
  }

  private allowance(lane: Lane): number {
    const [oldestMs] = lane.underWay.values();
    const ageMs = oldestMs === undefined ? 0 : this.options.now() - oldestMs;
    const allowance = queueAllowance(lane.concurrency, ageMs);
    const rate = this.ratePerSecond(lane);
    return rate === null ? allowance : Math.min(allowance, Math.max(1, Math.floor(rate)));
  }

  /** This dispatcher's part of the webhook's rate; may be less than one. */
  private ratePerSecond(lane: Lane): number | null {
    return lane.ratePerSecond === null ? null : lane.ratePerSecond / this.options.dispatchers();
  }

  private canBegin(lane: Lane): boolean {
    return (
      lane.underWay.size < Math.floor(lane.concurrency.limit) && this.underWayCount < this.options.maxInFlight
    );
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
      if (!this.canBegin(lane)) continue;
      this.dropExpired(lane);
      if (lane.waiting.length === 0 || this.isPaced(lane)) continue;
      const admitted = lane.waiting.shift();
      if (admitted === undefined) continue;
      this.waitingCount -= 1;
      if (lane.waiting.length > 0) this.ready.add(lane);
      this.underWayCount += 1;
      lane.underWay.set(admitted, this.options.now());
      this.options.start(admitted);
    }
  }

  /** What stands first and would no longer end within its lease: PostgreSQL owns it again. */
  private dropExpired(lane: Lane): void {
    for (;;) {
      const [first] = lane.waiting;
      if (first === undefined || this.options.isLeaseGood(first)) return;
      lane.waiting.shift();
      this.waitingCount -= 1;
      this.options.drop(first);
    }
  }

  /** Whether the webhook's own rate says to wait; if so the lane comes back by itself. */
  private isPaced(lane: Lane): boolean {
    const rate = this.ratePerSecond(lane);
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
    for (const [webhookId, lane] of this.lanes) {
      this.dropExpired(lane);
      const excess = lane.waiting.length - this.allowance(lane);
      if (excess > 0) {
        const parked = lane.waiting.splice(lane.waiting.length - excess, excess);
        this.waitingCount -= parked.length;
        for (const [index, admitted] of parked.entries()) {
          this.options.park(
            admitted,
            parkingMs(lane.concurrency, lane.waiting.length + index, this.options.random()),
          );
        }
      }
      const idle = lane.waiting.length === 0 && lane.underWay.size === 0;
      if (idle && now - lane.lastUsedMs > forgetAfterMs) this.lanes.delete(webhookId);
    }
  }

  /** Takes back everything that waits (to be handed to other dispatchers) and lets nothing more begin. */
  close(): AdmittedTask[] {
    this.closed = true;
    clearInterval(this.sweeper);
    this.ready.clear();
    const left: AdmittedTask[] = [];
    for (const lane of this.lanes.values()) {
      if (lane.timer !== null) clearTimeout(lane.timer);
      left.push(...lane.waiting.splice(0));
    }
    this.waitingCount = 0;
    return left;
  }
}
