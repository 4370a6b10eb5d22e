// 300 events a second whatever happens (open model): the time from the moment an event was meant to be published to its
// receipt.
import type { Bench, Findings } from '../bench.js';

const perSecond = 300;
const warmUpSeconds = 10;

export async function steady(bench: Bench): Promise<Findings> {
  const { bytes, steadySeconds } = bench.sizes;
  const contender = await bench.twenty();
  // 300 a second for a second would leave four services that compile their code while they are measured: p50 was 16 ms
  // after that, 6 ms after ten seconds' worth of events (docs/benchmarks/where-the-time-goes.md).
  await bench.load(contender, { events: perSecond * warmUpSeconds, bytes });
  await bench.load(contender, { events: perSecond, bytes, perSecond });
  const result = await bench.load(contender, { events: perSecond * steadySeconds, bytes, perSecond });
  const { p50, p95, p99 } = result.latencyMs;
  const ms = (value: number) => value.toFixed(1);
  bench.say.line(
    `  ${perSecond} events/s: p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)} ms (publisher late: p99 ${ms(result.publisherLateMs)} ms)`,
  );
  return {
    measures: { 'steady-p50': p50, 'steady-p99': p99 },
    details: { PerSecond: perSecond, Result: result },
  };
}
