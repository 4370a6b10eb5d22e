// A cap that several webhooks share: those of an organization, those of an origin. Whoever finds it full waits at it and
// is let in, one by one, as others leave.
import { afterAnswer, type AnswerKind, type Concurrency } from './concurrency.policy.js';

/** An origin is asked for less only where more than this share of its answers says so: one bad webhook is not its host. */
const overloadedShare = 0.5;
const shareWeight = 0.05;
const firstAtOrigin = 64;
/** Before the first 2xx: somebody may aim many webhooks at a host that has asked for none. */
const atStranger = 4;

export class Gate<Waiter> {
  private underWay = 0;
  private readonly blocked = new Set<Waiter>();

  constructor(readonly max: number) {}

  protected get limit(): number {
    return this.max;
  }

  get isFull(): boolean {
    return this.underWay >= this.limit;
  }

  get isHalfFull(): boolean {
    return this.underWay * 2 >= this.limit;
  }

  get isIdle(): boolean {
    return this.underWay === 0 && this.blocked.size === 0;
  }

  waitFor(waiter: Waiter): void {
    this.blocked.add(waiter);
  }

  enter(): void {
    this.underWay += 1;
  }

  /** Answers who may try next. */
  leave(): Waiter | undefined {
    this.underWay -= 1;
    for (const waiter of this.blocked) {
      this.blocked.delete(waiter);
      return waiter;
    }
    return undefined;
  }
}

/** The cap of an origin follows its answers, as a webhook's does, up to `max`. */
export class OriginGate<Waiter> extends Gate<Waiter> {
  private concurrency: Concurrency;
  private share = 0;
  private isConfirmed = false;

  constructor(max: number) {
    super(max);
    this.concurrency = { limit: firstAtOrigin, threshold: max, averageMs: null, calmUntilMs: 0 };
  }

  protected override get limit(): number {
    return Math.min(this.max, this.isConfirmed ? Math.floor(this.concurrency.limit) : atStranger);
  }

  answered(kind: AnswerKind, durationMs: number, nowMs: number): void {
    if (kind === 'received') this.isConfirmed = true;
    this.share += shareWeight * ((kind === 'overloaded' ? 1 : 0) - this.share);
    if (kind === 'overloaded' && this.share < overloadedShare) return;
    this.concurrency = afterAnswer(this.concurrency, kind, durationMs, nowMs);
  }
}
