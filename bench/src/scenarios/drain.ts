// 20 webhooks of 20 organizations, fan-out 1: Postrider, the raw limit and every peer, in interleaved rounds.
import { againstContender } from '../against.js';
import type { Bench, Findings } from '../bench.js';
import type { Contender } from '../contender.js';
import { describeLoad } from '../describe.js';
import { watchFootprint } from '../footprint.js';
import type { Load, LoadResult } from '../measure-load.js';
import type { RawLimit } from '../order.js';
import { PeerContender, titleOf } from '../peers/peer-contender.js';
import { peerNames } from '../peers/peers.js';
import { startRedis, type RedisServer } from '../peers/redis.js';
import { median } from '../statistics.js';

interface Entry {
  readonly contender: Contender;
  /** Postrider is held against the peers that store attempts in batches; the plain ones show what batches are worth. */
  readonly kind: 'own' | 'peer' | 'plain peer' | 'against';
  readonly rounds: LoadResult[];
}

const webhooks = 20;
/** Of a round, so that code is compiled and connections stand before it counts. */
const warmUpShare = 0.1;

export async function drain(bench: Bench): Promise<Findings> {
  const { sizes, say } = bench;
  const redis = await startRedis();
  if (redis === undefined) {
    say.line('skipped: BullMQ (no redis-server here, and apt could not install one)');
  }
  const peers: PeerContender[] = [];
  try {
    const entries: Entry[] = [entry('own', await bench.twenty())];
    for (const batched of sizes.plainEvents > 0 ? [true, false] : [true]) {
      for (const peer of await startPeers(bench, redis, batched)) {
        peers.push(peer);
        entries.push(entry(batched ? 'peer' : 'plain peer', peer));
      }
    }
    const { against } = bench.options;
    if (against !== null) entries.push(entry('against', againstContender(against, urls(bench))));
    const footprint = await watchFootprint((await bench.postrider()).system);
    const raws = await measure(bench, entries);
    const left = await footprint(sizes.rounds * sizes.events + warmUp(bench).events);
    const findings = findingsOf(entries, raws, redis, sizes.rounds);
    return { ...findings, details: { ...findings.details, Footprint: left } };
  } finally {
    for (const peer of peers) await peer.stop();
    await redis?.stop();
  }
}

const warmUp = ({ sizes }: Bench): Load => ({
  events: Math.ceil(sizes.events * warmUpShare),
  bytes: sizes.bytes,
});

const urls = (bench: Bench): string[] => Array.from({ length: webhooks }, (_, n) => bench.url(`w/${n}`));

const entry = (kind: Entry['kind'], contender: Contender): Entry => ({ kind, contender, rounds: [] });

async function startPeers(
  bench: Bench,
  redis: RedisServer | undefined,
  batched: boolean,
): Promise<PeerContender[]> {
  const started: PeerContender[] = [];
  for (const name of peerNames) {
    if (name === 'bullmq' && redis === undefined) continue;
    const options = { name, batched, redis, urls: urls(bench), postgres: await bench.sparePostgres() };
    bench.say.progress(`starting ${titleOf(options)}`);
    const peer = await PeerContender.start(options);
    started.push(peer);
    // Also so that it is not stopped in the middle of logging in.
    await bench.load(peer, warmUp(bench));
  }
  return started;
}

async function measure(bench: Bench, entries: readonly Entry[]): Promise<RawLimit[]> {
  const { bytes, events, plainEvents, rounds } = bench.sizes;
  for (const { contender } of entries) {
    if (!(contender instanceof PeerContender)) await bench.load(contender, warmUp(bench));
  }
  const raws: RawLimit[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const raw = await bench.raw();
    raws.push(raw);
    bench.say.line(`round ${round}: raw ${raw.cpuUs.toFixed(0)} µs, ${raw.perSecond.toFixed(0)}/s`);
    for (const e of entries) {
      // Once is enough for what they show.
      if (round > 1 && e.kind === 'plain peer') continue;
      const size = e.kind === 'plain peer' ? plainEvents : events;
      const result = await bench.load(e.contender, { events: size, bytes });
      e.rounds.push(result);
      bench.say.line(describeLoad(e.contender.title, result, raw.cpuUs));
    }
  }
  return raws;
}

function findingsOf(
  entries: readonly Entry[],
  raws: readonly RawLimit[],
  redis: RedisServer | undefined,
  rounds: number,
): Findings {
  const rawUs = median(raws.map((raw) => raw.cpuUs));
  const totalOf = ({ rounds: results }: Entry) => median(results.map((r) => r.totalUs));
  const [own, ...others] = entries;
  if (own === undefined) throw new Error('nothing was measured');
  const peers = others.filter((e) => e.kind === 'peer');
  const best = Math.min(...peers.map(totalOf));
  return {
    measures: {
      cpu: totalOf(own) / rawUs,
      ...(peers.length > 0 && { 'cpu-of-peer': totalOf(own) / best }),
      drain: median(own.rounds.map((r) => r.perSecond)),
    },
    details: {
      Rounds: rounds,
      Redis: redis?.version ?? null,
      Raw: raws,
      Contenders: entries.map((e) => ({
        Title: e.contender.title,
        TotalUs: totalOf(e),
        PerSecond: median(e.rounds.map((r) => r.perSecond)),
        CpuUs: medianByProcess(e.rounds),
        PublisherUs: median(e.rounds.map((r) => r.publisherUs)),
        Lost: e.rounds.reduce((n, r) => n + r.lost, 0),
        Duplicates: e.rounds.reduce((n, r) => n + r.duplicates, 0),
        RssMB: e.rounds.at(-1)?.rssMB ?? {},
        EachRoundUs: e.rounds.map((r) => r.totalUs),
      })),
    },
  };
}

function medianByProcess(rounds: readonly LoadResult[]): Record<string, number> {
  const names = Object.keys(rounds[0]?.cpuUs ?? {});
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((r) => r.cpuUs[name] ?? 0))]));
}
