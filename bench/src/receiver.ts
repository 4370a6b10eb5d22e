// The receiver of a benchmark, as a process of its own, so that its cost is not counted. Answers 204 at once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceiverReport {
  readonly received: number;
  readonly distinct: number;
  readonly lastAtMs: number;
}

let received = 0;
let lastAtMs = 0;
const ids = new Set<string>();

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    received += 1;
    lastAtMs = Date.now();
    ids.add(`${String(request.headers['webhook-id'])} ${request.url}`);
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', (message) => {
  if (message === 'report') {
    process.send?.({ received, distinct: ids.size, lastAtMs } satisfies ReceiverReport);
  }
  if (message === 'reset') {
    received = 0;
    ids.clear();
  }
});
process.on('disconnect', () => process.exit(0));
