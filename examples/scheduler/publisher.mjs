// Publishing over NATS so that nothing is lost and nothing is sent twice: JetStream, the ack awaited, the event's Id as
// Nats-Msg-Id, and the same Id on every further try. The client reconnects by itself.
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const longestWaitMs = 5_000;

export async function connectPublisher(natsUrl, { organizationId, onRetry = () => {} }) {
  const url = new URL(natsUrl);
  const connection = await connect({
    servers: url.host,
    name: 'example scheduler',
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    reconnectTimeWait: 500,
    ...(url.username && { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }),
  });
  const stream = jetstream(connection);
  return {
    /** Resolves once JetStream has it: until then it is ours to keep. */
    async publish(topic, event) {
      const subject = `postrider.events.v1.${organizationId}.${topic}`;
      const body = JSON.stringify(event);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await stream.publish(subject, body, { msgID: event.Id, timeout: 2_000 });
        } catch (error) {
          if (connection.isClosed()) throw error;
          onRetry({ topic, id: event.Id, attempt, error });
          await new Promise((resolve) => setTimeout(resolve, Math.min(longestWaitMs, 200 * 2 ** attempt)));
        }
      }
    },
    close: () => connection.drain(),
  };
}
