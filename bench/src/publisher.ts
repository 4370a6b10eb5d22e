// Publishes events over NATS, pipelined with acks awaited, as a process of its own (publishing is not Postrider's cost).
import { EventPublisher } from '@postrider/messaging';

interface Order {
  readonly natsUrl: string;
  readonly organizations: readonly string[];
  readonly events: number;
  readonly bytes: number;
  readonly topic: string;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const inFlight = 256;

async function publishAll(publisher: EventPublisher): Promise<void> {
  const padding = 'x'.repeat(order.bytes);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < order.events) {
      const n = next++;
      const organization = order.organizations[n % order.organizations.length] ?? '';
      const id = `e-${process.pid}-${n}`;
      await publisher.publish(
        organization,
        order.topic,
        JSON.stringify({ Id: id, Data: { n, padding } }),
        id,
      );
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

const publisher = await EventPublisher.connect(order.natsUrl, 'bench');
process.send?.('ready');
process.once('message', () => {
  const startedAtMs = Date.now();
  void publishAll(publisher).then(() => process.send?.({ startedAtMs, endedAtMs: Date.now() }));
});
process.on('disconnect', () => process.exit(0));
