// What waits for its turn at one webhook, in the order in which it came, and how much of it was claimed from PostgreSQL.
import type { AdmittedTask } from '../task.js';

/** Places in front that are empty before the rest moves up: an array of thousands moves all of itself at each shift. */
const movesUpAt = 1_024;

export class Waiting {
  private entries: (AdmittedTask | undefined)[] = [];
  /** Where the first stands. */
  private head = 0;
  private claimedCount = 0;

  get length(): number {
    return this.entries.length - this.head;
  }

  /** Of them, those that were claimed. */
  get claimed(): number {
    return this.claimedCount;
  }

  get first(): AdmittedTask | undefined {
    return this.entries[this.head];
  }

  push(admitted: AdmittedTask): void {
    this.entries.push(admitted);
    if (admitted.task.isClaimed) this.claimedCount += 1;
  }

  shift(): AdmittedTask | undefined {
    const first = this.entries[this.head];
    if (first === undefined) return undefined;
    // Not to be kept in memory until the rest moves up.
    this.entries[this.head] = undefined;
    this.head += 1;
    if (this.length === 0 || this.head === movesUpAt) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    if (first.task.isClaimed) this.claimedCount -= 1;
    return first;
  }

  /** Takes out the `count` that came last, in their order. */
  takeLast(count: number): AdmittedTask[] {
    const taken = this.entries
      .splice(Math.max(this.head, this.entries.length - count), count)
      .filter((admitted) => admitted !== undefined);
    for (const { task } of taken) if (task.isClaimed) this.claimedCount -= 1;
    return taken;
  }
}
