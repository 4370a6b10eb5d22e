// Publishes an event over NATS the way a scheduler should: JetStream, the acknowledgement awaited, the event's Id as
// Nats-Msg-Id, the same Id on every further try.
//   NATS_URL=nats://user:password@host:4222 node examples/publish.mjs <organization> <topic> '<Data as JSON>'
import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const [organization, topic, data = '{}'] = process.argv.slice(2);
if (organization === undefined || topic === undefined) {
  console.error("usage: NATS_URL=… node examples/publish.mjs <organization> <topic> '<Data as JSON>'");
  process.exit(2);
}

const url = new URL(process.env.NATS_URL ?? 'nats://127.0.0.1:4222');
const connection = await connect({
  servers: url.host,
  ...(url.username && { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }),
});

const id = randomUUID();
const event = `{"Id":"${id}","CreatedAt":${Date.now()},"Resource":"JobExecution","Data":${data}}`;
for (let attempt = 1; ; attempt += 1) {
  try {
    const ack = await jetstream(connection).publish(`postrider.events.v1.${organization}.${topic}`, event, {
      msgID: id,
    });
    console.log(`kept ${topic} ${id} (stream ${ack.stream}, sequence ${ack.seq})`);
    break;
  } catch (error) {
    if (attempt === 5) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}
await connection.close();
