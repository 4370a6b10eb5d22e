// Asks the signer for many deliveries at once: what has come within a moment goes together, at once when nothing is
// under way, so that a lone delivery waits for nothing.
import {
  encodeSignRequest,
  maxSignaturesPerRequest,
  maxSignRequestBytes,
  SignReply,
  type SignItem,
  type SignReplyItem,
} from '@postrider/contracts';

/** The answer for one delivery; `unavailable` where no signer answered. */
export type Signature = SignReplyItem;

export interface SignBatcherOptions {
  /** One request to a signer, framed bytes to JSON bytes; rejects when none answers. */
  readonly ask: (request: Uint8Array) => Promise<Uint8Array>;
  readonly maxInFlight: number;
  readonly onError: (error: unknown, items: number) => void;
}

interface Waiting {
  readonly item: SignItem;
  readonly resolve: (signature: Signature) => void;
}

const windowMs = 2;

export class SignBatcher {
  private waiting: Waiting[] = [];
  private inFlight = 0;
  private scheduled: 'no' | 'soon' | 'window' = 'no';
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: SignBatcherOptions) {}

  /** Never rejects: what can't be signed is answered with why. */
  sign(item: SignItem): Promise<Signature> {
    return new Promise((resolve) => {
      this.waiting.push({ item, resolve });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.inFlight >= this.options.maxInFlight) return;
    if (this.waiting.length >= maxSignaturesPerRequest) {
      this.flush();
    } else if (this.inFlight === 0 && this.scheduled !== 'soon') {
      this.scheduled = 'soon';
      setImmediate(() => this.flush());
    } else if (this.scheduled === 'no') {
      this.scheduled = 'window';
      this.timer = setTimeout(() => this.flush(), windowMs);
    }
  }

  private flush(): void {
    this.scheduled = 'no';
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    while (this.waiting.length > 0 && this.inFlight < this.options.maxInFlight) {
      void this.request(this.takeBatch());
    }
  }

  /** At most 64 items, and no more bytes than a NATS message may carry (but always one). */
  private takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    const seen = new Set<Buffer>();
    for (const { item } of this.waiting) {
      const more = item.suffix.length + 256 + (seen.has(item.prefix) ? 0 : item.prefix.length);
      if (count === maxSignaturesPerRequest || (count > 0 && bytes + more > maxSignRequestBytes)) break;
      seen.add(item.prefix);
      bytes += more;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async request(batch: readonly Waiting[]): Promise<void> {
    this.inFlight += 1;
    const signatures = await this.ask(batch);
    this.inFlight -= 1;
    for (const [index, { resolve }] of batch.entries())
      resolve(signatures[index] ?? { Error: 'unavailable' });
    if (this.waiting.length > 0) this.schedule();
  }

  /** Empty where no signer answered as it should. */
  private async ask(batch: readonly Waiting[]): Promise<readonly Signature[]> {
    try {
      const reply = await this.options.ask(encodeSignRequest(batch.map(({ item }) => item)));
      const { Items } = SignReply.parse(JSON.parse(Buffer.from(reply).toString('utf8')));
      if (Items.length === batch.length) return Items;
      throw new Error('the signer answered another number of signatures than it was asked for');
    } catch (error) {
      this.options.onError(error, batch.length);
      return [];
    }
  }
}
