// What a receiver has seen, and its answers about it over IPC.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { monotonicUs } from '../clock.js';
import type { ReceiverReport } from '../order.js';
import { quantile } from '../statistics.js';

const maxLatencies = 100_000;
const sentAt = Buffer.from('"SentAtUs":');
const idAt = Buffer.from('"Id":"');

let received = 0;
let lastAtMs = 0;
const ids = new Set<string>();
const latenciesMs: number[] = [];

/** Answers 204 once the body is there. */
export function receive(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    note(request, body);
    response.writeHead(204).end();
  });
}

/** A system that is measured with --against may send other headers: the Id stands in the body then. */
function note(request: IncomingMessage, body: Buffer): void {
  const id = request.headers['webhook-id'] ?? textAfter(body, idAt, /^[^"]*/);
  if (String(id).startsWith('raw-')) return;
  received += 1;
  lastAtMs = Date.now();
  ids.add(`${String(id)} ${request.socket.localAddress} ${request.url}`);
  const sentAtUs = Number(textAfter(body, sentAt, /^\d+/));
  if (latenciesMs.length < maxLatencies) latenciesMs.push((monotonicUs() - sentAtUs) / 1000);
}

function textAfter(body: Buffer, mark: Buffer, pattern: RegExp): string {
  const at = body.indexOf(mark);
  if (at < 0) return '';
  return pattern.exec(body.toString('latin1', at + mark.length, at + mark.length + 80))?.[0] ?? '';
}

function report(): ReceiverReport {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(latenciesMs, share));
  return {
    received,
    distinct: ids.size,
    lastAtMs,
    latencyMs: { p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0 },
  };
}

/** `count` is what is asked often while a load goes on; `report` sorts. */
export function answerQuestions(): void {
  process.on('message', (message) => {
    if (message === 'count') process.send?.(ids.size);
    if (message === 'report') process.send?.(report());
    if (message === 'reset') {
      received = 0;
      ids.clear();
      latenciesMs.length = 0;
      process.send?.('done');
    }
  });
  process.on('disconnect', () => process.exit(0));
}
