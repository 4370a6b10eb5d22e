// Publishing an event the right way: JetStream, the ack awaited, the event's Id as Nats-Msg-Id. For tools, examples and
// tests; schedulers do the same with any NATS client.
import { jetstream } from '@nats-io/jetstream';
import { eventSubject } from '@postrider/contracts';
import { Messaging } from './connection.js';
import { MessagingAwayError } from './errors.js';

export class EventPublisher {
  private constructor(private readonly messaging: Messaging) {}

  static async connect(natsUrl: string, name = 'publisher'): Promise<EventPublisher> {
    const messaging = await Messaging.open({ natsUrl, name, onStatus: () => undefined });
    return new EventPublisher(messaging);
  }

  get isConnected(): boolean {
    return this.messaging.isConnected;
  }

  /**
   * Resolves once JetStream has the event; `duplicate` when it had it already. Throws when there is no ack in 5 s, and
   * at once (MessagingAwayError) while NATS is away.
   */
  async publish(
    organizationId: string,
    topic: string,
    body: string | Uint8Array,
    eventId?: string,
  ): Promise<{ readonly sequence: number; readonly duplicate: boolean }> {
    if (!this.messaging.isConnected) throw new MessagingAwayError('NATS is away: nothing was published');
    const ack = await jetstream(this.messaging.nats).publish(
      eventSubject(organizationId, topic),
      body,
      eventId === undefined ? {} : { msgID: eventId },
    );
    return { sequence: ack.seq, duplicate: ack.duplicate };
  }

  async close(): Promise<void> {
    await this.messaging.close();
  }
}
