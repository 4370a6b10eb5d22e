// What waits for its turn at one webhook, in the order in which it came, and how much of it was claimed from PostgreSQL.
import type { AdmittedTask } from '../task.js';

export class Waiting {
  private readonly entries: AdmittedTask[] = [];
  private claimedCount = 0;

  get length(): number {
    return this.entries.length;
  }

  /** Of them, those that were claimed. */
  get claimed(): number {
    return this.claimedCount;
  }

  get first(): AdmittedTask | undefined {
    return this.entries[0];
  }

  push(admitted: AdmittedTask): void {
    this.entries.push(admitted);
    if (admitted.task.isClaimed) this.claimedCount += 1;
  }

  shift(): AdmittedTask | undefined {
    const first = this.entries.shift();
    if (first?.task.isClaimed === true) this.claimedCount -= 1;
    return first;
  }

  /** Takes out the `count` that came last, in their order. */
  takeLast(count: number): AdmittedTask[] {
    const taken = this.entries.splice(Math.max(0, this.entries.length - count), count);
    for (const { task } of taken) if (task.isClaimed) this.claimedCount -= 1;
    return taken;
  }
}
