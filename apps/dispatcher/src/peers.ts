// How many dispatchers are at work: they share the rate limits of webhooks, each keeping to its part. Told over NATS,
// without which nothing is signed, and so nothing is sent either.
import { DispatcherNotice } from '@postrider/contracts';
import { newId } from '@postrider/database';

export interface PeersOptions {
  readonly tell: (notice: DispatcherNotice) => void;
  /** Epoch ms by this machine. */
  readonly now: () => number;
}

const everyMs = 2_000;
/** A dispatcher that was killed gives its part up after so long. */
const forgottenAfterMs = 7_000;

export class Peers {
  private readonly id = newId();
  private readonly heardAtMs = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: PeersOptions) {}

  /** This one and those that were heard of lately. */
  get count(): number {
    return this.heardAtMs.size + 1;
  }

  start(): void {
    this.tell(false);
    this.timer = setInterval(() => {
      this.forget();
      this.tell(false);
    }, everyMs);
    this.timer.unref();
  }

  /** What does not parse comes from a release that tells it otherwise: it is no peer to share with. */
  hear(data: Uint8Array): void {
    const notice = DispatcherNotice.safeParse(parseJson(data));
    if (!notice.success || notice.data.Id === this.id) return;
    const { Id, Leaving } = notice.data;
    if (Leaving) {
      this.heardAtMs.delete(Id);
      return;
    }
    const isNew = !this.heardAtMs.has(Id);
    this.heardAtMs.set(Id, this.options.now());
    // So that one that has just begun need not wait to hear of this one.
    if (isNew && this.timer !== null) this.tell(false);
  }

  private forget(): void {
    const oldest = this.options.now() - forgottenAfterMs;
    for (const [id, heardAtMs] of this.heardAtMs) if (heardAtMs < oldest) this.heardAtMs.delete(id);
  }

  private tell(Leaving: boolean): void {
    this.options.tell({ Id: this.id, Leaving });
  }

  stop(): void {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.tell(true);
  }
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}
