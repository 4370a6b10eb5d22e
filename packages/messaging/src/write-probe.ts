// Whether JetStream keeps what it is given. A server whose disk is full answers every question as before and only refuses
// to write: its publishers learn it, and who asks whether event-ingest is ready is to learn it, too.
import { jetstream } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError } from '@nats-io/transport-node';
import { probeSubject } from '@postrider/contracts';
import type { Messaging } from './connection.js';
import { ensureProbeStream } from './streams.js';

/** Whoever asks more often gets the last answer: anybody may ask for the readiness, and each write is one to the disk. */
const everyMs = 2_000;
const timeoutMs = 1_500;
/** More than a page: a smaller one may find room in a page that its file has already. */
const bytes = Buffer.alloc(8_192);

export class WriteProbe {
  private last: { readonly at: number; readonly trouble: Promise<string | null> } | null = null;
  private isMade = false;
  private isForbidden = false;

  /** `onForbidden`: this NATS user may not write it (a NATS configuration of an earlier release): nothing is found out. */
  constructor(
    private readonly messaging: Messaging,
    private readonly onForbidden: (error: Error) => void,
  ) {}

  /** Why JetStream does not keep a message, in its words, or "timeout" after 1.5 s; null where it does. */
  trouble(): Promise<string | null> {
    if (this.isForbidden) return Promise.resolve(null);
    const now = performance.now();
    if (this.last === null || now - this.last.at >= everyMs)
      this.last = { at: now, trouble: this.judgeWrite() };
    return this.last.trouble;
  }

  private async judgeWrite(): Promise<string | null> {
    try {
      await this.write();
      return null;
    } catch (error) {
      if (!(error instanceof Error)) return String(error);
      if (!isForbidden(error)) return error.message;
      this.isForbidden = true;
      this.onForbidden(error);
      return null;
    }
  }

  private async write(): Promise<void> {
    if (this.isMade) {
      try {
        await this.publish();
        return;
      } catch (error) {
        if (!isTakenByNobody(error)) throw error;
      }
    }
    await ensureProbeStream(this.messaging);
    this.isMade = true;
    await this.publish();
  }

  private async publish(): Promise<void> {
    await jetstream(this.messaging.nats).publish(probeSubject, bytes, { timeout: timeoutMs });
  }
}

const isForbidden = (error: Error): boolean =>
  error instanceof PermissionViolationError || error.cause instanceof PermissionViolationError;

/** Its stream is gone with NATS's store. The client says what it takes for the reason ("jetstream is not enabled"). */
const isTakenByNobody = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof RequestError && error.cause.isNoResponders();
