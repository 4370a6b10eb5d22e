// Which changes of deliveries have been shown, and which attempts were forwarded: the stream tells some of them twice.
import type { Delivery } from '@postrider/contracts';

const maxRemembered = 10_000;

export class Seen {
  private readonly known = new Map<string, { readonly state: string; readonly attempts: number }>();

  /**
   * `firstAttempt`: the number of the first attempt that is news. Of a delivery that is met for the first time it is the
   * last one that was made: what was made long ago was not listened to.
   */
  look({ Id, Status, AttemptsCount }: Delivery): { isNew: boolean; firstAttempt: number } {
    const before = this.known.get(Id);
    const state = `${Status} ${AttemptsCount}`;
    const firstAttempt = before === undefined ? Math.max(1, AttemptsCount) : before.attempts + 1;
    // Older news may come after newer, from the list.
    if (before !== undefined && (before.state === state || before.attempts > AttemptsCount)) {
      return { isNew: false, firstAttempt };
    }
    this.known.delete(Id);
    this.known.set(Id, { state, attempts: AttemptsCount });
    const [oldest] = this.known.keys();
    if (this.known.size > maxRemembered && oldest !== undefined) this.known.delete(oldest);
    return { isNew: true, firstAttempt };
  }
}
