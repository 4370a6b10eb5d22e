// One load on one contender: publish, wait until all is received and recorded, and see what it took.
import { Child } from './child.js';
import type { ByProcess, Contender } from './contender.js';
import type { PublisherOrder, PublisherReport, ReceiverReport } from './order.js';
import { sum } from './statistics.js';
import type { Say } from './say.js';

export interface Load {
  readonly events: number;
  /** Webhooks that want each event, default 1. */
  readonly fanOut?: number;
  readonly bytes: number;
  /** Events awaited at the same time, default 256. */
  readonly inFlight?: number;
  /** Open model. */
  readonly perSecond?: number;
}

export interface LoadResult {
  /** Deliveries from the first publish to the last receipt. */
  readonly perSecond: number;
  /** Events accepted, as the publisher saw it. */
  readonly publishedPerSecond: number;
  /** Per delivery. */
  readonly cpuUs: ByProcess;
  readonly totalUs: number;
  /** Not counted in `totalUs`. */
  readonly publisherUs: number;
  readonly publisherLateMs: number;
  readonly latencyMs: ReceiverReport['latencyMs'];
  readonly rssMB: ByProcess;
  readonly lost: number;
  readonly duplicates: number;
}

const stalledMs = 45_000;
const lookMs = 50;
let loads = 0;

export async function measureLoad(
  contender: Contender,
  receiver: Child,
  load: Load,
  say: Say,
): Promise<LoadResult> {
  const deliveries = load.events * (load.fanOut ?? 1);
  const { door } = contender;
  const { events, bytes, inFlight = 256, perSecond } = load;
  const prefix = `e-${process.pid}-${(loads += 1)}-`;
  const order: PublisherOrder = { door, events, bytes, prefix, inFlight, ...(perSecond && { perSecond }) };
  await receiver.ask('reset');
  const publisher = await Child.start('publisher', order);
  try {
    const before = contender.cpuMs();
    const published = publisher.ask<PublisherReport>('go');
    published.catch(() => undefined);
    await untilReceived(receiver, deliveries, (count) =>
      say.progress(`${contender.title}: ${count} of ${deliveries} received`),
    );
    const sent = await published;
    await untilIdle(contender);
    const after = contender.cpuMs();
    const report = await receiver.ask<ReceiverReport>('report');
    const usOf = (name: string) => (((after[name] ?? 0) - (before[name] ?? 0)) * 1000) / deliveries;
    const cpuUs = Object.fromEntries(Object.keys(after).map((name) => [name, usOf(name)]));
    return {
      perSecond: (deliveries * 1000) / (report.lastAtMs - sent.startedAtMs),
      publishedPerSecond: (events * 1000) / (sent.endedAtMs - sent.startedAtMs),
      cpuUs,
      totalUs: sum(Object.values(cpuUs)),
      publisherUs: (sent.cpuMs * 1000) / deliveries,
      publisherLateMs: sent.lateMs,
      latencyMs: report.latencyMs,
      rssMB: contender.rssMB(),
      lost: deliveries - report.distinct,
      duplicates: report.received - report.distinct,
    };
  } finally {
    await publisher.stop();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends as well when nothing has come for a while: what is missing then is lost, and counted as such. */
async function untilReceived(
  receiver: Child,
  wanted: number,
  onCount: (count: number) => void,
): Promise<void> {
  let last = -1;
  let changedAtMs = performance.now();
  while (performance.now() - changedAtMs < stalledMs) {
    const count = await receiver.ask<number>('count');
    if (count >= wanted) return;
    if (count !== last) {
      changedAtMs = performance.now();
      onCount(count);
    }
    last = count;
    await pause(lookMs);
  }
}

async function untilIdle(contender: Contender): Promise<void> {
  const deadline = performance.now() + stalledMs;
  while (!(await contender.isIdle())) {
    if (performance.now() > deadline) throw new Error(`${contender.title} did not finish what it had`);
    await pause(lookMs);
  }
}
