// Publishes events by whatever door it is told, as a process of its own: publishing is nobody's cost, neither Postrider's
// nor a peer's.
import { openDoor } from '../doors.js';
import { makeEvent } from '../event.js';
import { orderOf, type PublisherOrder, type PublisherReport } from '../order.js';
import { atOnce, atRate } from '../pace.js';
import { quantile } from '../statistics.js';

const order = orderOf<PublisherOrder>();
const door = await openDoor(order.door);

/** Several events per call where the door takes that and nobody waits for a single one. */
async function publishAll(): Promise<number[]> {
  const { events, bytes, prefix, inFlight, perSecond } = order;
  const idOf = (n: number) => `${prefix}${n}`;
  if (perSecond !== undefined) {
    return atRate(events, perSecond, (n, at) => door.publish([{ n, event: makeEvent(idOf(n), bytes, at) }]));
  }
  const size = door.batch;
  await atOnce(Math.ceil(events / size), Math.max(1, Math.ceil(inFlight / size)), (batch) => {
    const first = batch * size;
    const length = Math.min(size, events - first);
    return door.publish(
      Array.from({ length }, (_, i) => ({ n: first + i, event: makeEvent(idOf(first + i), bytes) })),
    );
  });
  return [];
}

process.send?.('ready');
process.once('message', () => {
  const startedAtMs = Date.now();
  const cpu = process.cpuUsage();
  void publishAll().then((lateMs) => {
    const { user, system } = process.cpuUsage(cpu);
    process.send?.({
      startedAtMs,
      endedAtMs: Date.now(),
      lateMs: quantile(lateMs, 0.99),
      cpuMs: (user + system) / 1000,
    } satisfies PublisherReport);
  });
});
process.on('disconnect', () => process.exit(0));
