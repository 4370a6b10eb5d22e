// A pull consumer on the bare protocol: credits in, batches out. nats.js has one too, but a callback that throws ends it
// while the connection looks fine, a deleted consumer stalls it in silence, and it costs more per message.
// Protocol: docs.nats.io, "JetStream wire API", CONSUMER.MSG.NEXT.
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Messaging } from './connection.js';
import { PullCredits } from './pull-credits.js';
import { ensureConsumer, ensureStream, streamNames, type DeclaredStream } from './streams.js';

export interface PullOptions {
  readonly stream: DeclaredStream;
  /** Messages at most per batch. */
  readonly maxBatch: number;
  /** Messages at most asked for or held here. */
  readonly maxOutstanding: number;
  /** Bytes at most that one request for messages may bring; a longer message comes alone. */
  readonly maxBytes: number;
  /** Batches at most that are handled at the same time. */
  readonly parallel: number;
  /** How long a request for messages lives, in ms; default 5,000. */
  readonly expiresMs?: number;
  /** Resolves when the batch is dealt with; a rejection makes the whole batch come again after a pause. */
  readonly onBatch: (messages: PulledMessage[]) => Promise<void>;
  /** Told when the acknowledgements of a batch are on their way. */
  readonly onAcknowledged?: () => void;
  readonly onError: (what: string, error: unknown) => void;
}

export interface PulledMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly messageId: string | null;
  /** By lower-case name; null where there is none besides `Nats-Msg-Id`. */
  readonly headers: ReadonlyMap<string, string> | null;
  /** Where acknowledgements go; empty where the consumer wants none. */
  readonly reply: string;
}

const defaultExpiresMs = 5_000;
const silenceMs = 2_000;
const pauseAfterFailureMs = 1_000;
/** Well within the ack wait of any stream: what takes longer is asked for more time. */
const inProgressMs = 1_500;
const inProgressPayload = Buffer.from('+WPI');
const ackPayload = Buffer.from('+ACK');
const nakPayload = Buffer.from('-NAK {"delay":1000000000}');
const nakNowPayload = Buffer.from('-NAK');
const drainLimitMs = 1_000;
/** With no more than this in hand, what comes is begun at once. */
const fewInHand = 8;

export class PullConsumer {
  private readonly inbox: string;
  private readonly acknowledged: boolean;
  private readonly expiresMs: number;
  private subscription: Subscription | null = null;
  private buffer: PulledMessage[] = [];
  private readonly credits: PullCredits;
  private running = 0;
  private handling = 0;
  private flushScheduled = false;
  private stopped = true;
  private pausedUntil = 0;
  private lastHeard = Date.now();
  private receivedSinceAsked = false;
  private watchdog: NodeJS.Timeout | null = null;
  /** Batches in hand and since when. */
  private readonly inHand = new Map<readonly PulledMessage[], number>();
  private keeper: NodeJS.Timeout | null = null;
  private preparing = false;
  private turn = 0;

  constructor(
    private readonly messaging: Messaging,
    private readonly options: PullOptions,
  ) {
    this.inbox = messaging.newInbox();
    this.acknowledged = streamNames(options.stream).acknowledged;
    this.expiresMs = options.expiresMs ?? defaultExpiresMs;
    this.credits = new PullCredits(this.expiresMs, () => this.ask());
  }

  start(): void {
    this.stopped = false;
    this.messaging.onConnected(() => void this.prepare(true));
    this.watchdog = setInterval(() => this.watch(), 1_000);
    if (this.acknowledged) this.keeper = setInterval(() => this.askForTime(), inProgressMs);
  }

  /**
   * Where the work takes long, says so: an ack wait that is short makes a crash's messages come again within seconds,
   * and must not make those come again that are still being worked on.
   */
  private askForTime(): void {
    const now = performance.now();
    const slow = [...this.inHand].flatMap(([batch, sinceMs]) =>
      now - sinceMs > inProgressMs / 2 ? [batch] : [],
    );
    if (slow.length === 0) return;
    for (const batch of slow) this.answer(batch, inProgressPayload);
    // What is buffered waits behind them.
    this.answer(this.buffer, inProgressPayload);
  }

  /** Makes sure of stream and consumer, then asks for messages. */
  private async prepare(anew = false): Promise<void> {
    // What was asked over a lost connection is never answered: a new connection does not wait for it.
    if (this.stopped || (this.preparing && !anew)) return;
    const turn = (this.turn += 1);
    this.preparing = true;
    this.credits.forget();
    try {
      await ensureStream(this.messaging, this.options.stream);
      await ensureConsumer(this.messaging, this.options.stream);
      if (this.isOver(turn)) return;
      this.subscription ??= this.messaging.nats.subscribe(this.inbox, {
        callback: (error, message) => {
          if (error === null) this.receive(message);
        },
      });
      this.lastHeard = Date.now();
      this.credits.forget();
      this.ask();
    } catch (error) {
      if (!this.isOver(turn)) this.options.onError('could not prepare the consumer; trying again', error);
    } finally {
      if (turn === this.turn) this.preparing = false;
    }
  }

  private isOver(turn: number): boolean {
    return this.stopped || turn !== this.turn;
  }

  /** NATS forgets requests when a consumer or a store is lost, without a word: silence for too long starts over. */
  private watch(): void {
    if (this.stopped || !this.messaging.isConnected) return;
    const silentMs = Date.now() - this.lastHeard;
    if (this.subscription === null || (this.credits.open > 0 && silentMs > this.expiresMs + silenceMs)) {
      this.credits.forget();
      void this.prepare();
    } else {
      this.ask();
    }
  }

  private ask(): void {
    if (this.stopped || this.subscription === null || !this.messaging.isConnected) return;
    if (Date.now() < this.pausedUntil) return;
    const room = this.options.maxOutstanding - this.credits.open - this.buffer.length - this.handling;
    if (room < this.options.maxOutstanding / 2 && this.credits.open > 0) return;
    if (room > 0) this.request({ batch: room, max_bytes: this.options.maxBytes });
  }

  private request(limits: { batch: number; max_bytes?: number }): void {
    const { stream, consumer } = streamNames(this.options.stream);
    this.credits.ask(limits.batch);
    this.receivedSinceAsked = false;
    this.messaging.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      JSON.stringify({ ...limits, expires: this.expiresMs * 1_000_000 }),
      this.inbox,
    );
  }

  private receive(message: Msg): void {
    this.lastHeard = Date.now();
    const code = message.headers?.code ?? 0;
    if (code !== 0) {
      this.receiveStatus(code, message);
      return;
    }
    this.credits.receive();
    this.receivedSinceAsked = true;
    this.buffer.push({
      subject: message.subject,
      data: message.data,
      messageId: message.headers?.get(messageIdHeader) || null,
      headers: readHeaders(message),
      // JetStream names a subject for acknowledgements even where it wants none.
      reply: this.acknowledged ? (message.reply ?? '') : '',
    });
    if (this.buffer.length >= this.options.maxBatch) this.flush();
    else this.scheduleFlush();
  }

  private receiveStatus(code: number, message: Msg): void {
    if (code === 100) return;
    const pending = Number(message.headers?.get('Nats-Pending-Messages') || Number.NaN);
    this.credits.end(Number.isNaN(pending) ? null : pending);
    const expired = code === 404 || code === 408;
    const tooLong = code === 409 && /maxbytes/i.test(message.headers?.description ?? '');
    if (expired || (tooLong && this.receivedSinceAsked)) {
      this.ask();
    } else if (tooLong) {
      // The next message alone is longer than a request may bring: it would be refused for ever.
      if (!this.stopped) this.request({ batch: 1 });
    } else {
      // The consumer is gone or moved, or the server refuses: look again in a moment.
      this.credits.forget();
      this.pausedUntil = Date.now() + pauseAfterFailureMs;
      setTimeout(() => void this.prepare(), pauseAfterFailureMs).unref();
    }
  }

  private scheduleFlush(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    // What has arrived in this turn goes together; a lone message waits for nothing.
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    // What can go back is not begun any more.
    if (this.stopped && this.acknowledged) return;
    while (this.buffer.length > 0 && this.mayBegin()) {
      const batch =
        this.buffer.length > this.options.maxBatch
          ? this.buffer.splice(0, this.options.maxBatch)
          : this.buffer;
      if (batch === this.buffer) this.buffer = [];
      void this.handle(batch);
    }
  }

  /**
   * Beside a batch of some size another begins only when it is a full one: a commit costs as much for ten as for a
   * hundred, so under load what comes meanwhile gathers (events per commit: 30 before, see docs/benchmarks/log.md).
   */
  private mayBegin(): boolean {
    if (this.running >= this.options.parallel) return false;
    return this.handling <= fewInHand || this.buffer.length >= this.options.maxBatch;
  }

  private async handle(batch: PulledMessage[]): Promise<void> {
    this.running += 1;
    this.handling += batch.length;
    this.inHand.set(batch, performance.now());
    try {
      await this.options.onBatch(batch);
      this.answer(batch, ackPayload);
      this.options.onAcknowledged?.();
    } catch (error) {
      this.options.onError(`a batch of ${batch.length} failed and comes again`, error);
      this.pausedUntil = Date.now() + pauseAfterFailureMs;
      this.answer(batch, nakPayload);
    } finally {
      this.inHand.delete(batch);
      this.running -= 1;
      this.handling -= batch.length;
      this.flush();
      this.ask();
    }
  }

  private answer(batch: readonly PulledMessage[], payload: Uint8Array): void {
    for (const message of batch) {
      if (message.reply !== '') this.messaging.publish(message.reply, payload);
    }
  }

  /**
   * Asks for no more and waits for the batches under way. What is buffered goes back at once; where nothing can go back
   * (no acknowledgements), it is handled.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.watchdog !== null) clearInterval(this.watchdog);
    await this.endSubscription();
    if (this.acknowledged) {
      this.answer(this.buffer, nakNowPayload);
      this.buffer = [];
    }
    this.flush();
    while (this.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.keeper !== null) clearInterval(this.keeper);
    await this.messaging.flush().catch((error: unknown) => this.options.onError('flush at stop', error));
  }

  /** Takes in what the server has sent already: unheard, it would come again only after the ack wait. */
  private async endSubscription(): Promise<void> {
    const subscription = this.subscription;
    if (subscription === null) return;
    const limit = new Promise((resolve) => setTimeout(resolve, drainLimitMs).unref());
    if (this.messaging.isConnected) await Promise.race([subscription.drain().catch(() => undefined), limit]);
    if (!subscription.isClosed()) subscription.unsubscribe();
  }
}

const messageIdHeader = 'Nats-Msg-Id';

function readHeaders({ headers }: Msg): ReadonlyMap<string, string> | null {
  const keys = headers?.keys() ?? [];
  // Nearly every message has the Id alone, which is read anyway.
  if (headers === undefined || keys.every((key) => key === messageIdHeader)) return null;
  return new Map(keys.map((key) => [key.toLowerCase(), headers.get(key)]));
}
