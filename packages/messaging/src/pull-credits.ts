// What a pull consumer has asked NATS for and not got yet, across requests that are filled, expire, or are dropped.

/** After a request has expired, its status is here within a few ms where one comes. */
const statusComesMs = 30;

export class PullCredits {
  /** Messages asked for and not come yet; never less than NATS still owes. */
  open = 0;
  /** Requests that have not expired: how many messages each asked for. */
  private readonly alive = new Set<{ readonly batch: number }>();

  /**
   * `onExpired` is called when a request has expired without a word: NATS 2.9 drops one whose end meets a message, and
   * sends no status.
   */
  constructor(
    private readonly expiresMs: number,
    private readonly onExpired: () => void,
  ) {}

  ask(batch: number): void {
    const request = { batch };
    this.open += batch;
    this.alive.add(request);
    // Timers run before sockets are read: the status may have come already.
    const look = () => setImmediate(() => this.expire(request));
    setTimeout(look, this.expiresMs + statusComesMs).unref();
  }

  /** A message has come. */
  receive(): void {
    this.open = Math.max(0, this.open - 1);
  }

  /** A request has ended, and NATS said how many messages of it had not come; null: it did not say. */
  end(pending: number | null): void {
    this.open = pending === null ? 0 : Math.max(0, this.open - pending);
  }

  /** Whatever was asked for is forgotten: by NATS, or with the connection. */
  forget(): void {
    this.open = 0;
  }

  /** No more can be on its way than what the requests that are alive asked for. */
  private expire(request: { readonly batch: number }): void {
    this.alive.delete(request);
    const limit = [...this.alive].reduce((sum, { batch }) => sum + batch, 0);
    if (this.open <= limit) return;
    this.open = limit;
    this.onExpired();
  }
}
