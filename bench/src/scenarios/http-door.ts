// The HTTP door: 64 clients, each publishing single events and waiting for the 202.
import type { Bench, Findings } from '../bench.js';
import { describeLoad } from '../describe.js';

const clients = 64;

export async function httpDoor(bench: Bench): Promise<Findings> {
  const { bytes, httpEvents: events } = bench.sizes;
  const postrider = await bench.postrider();
  const urls = Array.from({ length: 20 }, (_, n) => [bench.url(`http/${n}`)]);
  const population = await postrider.populate(urls);
  const contender = postrider.as(population, postrider.httpDoor(population));
  const raw = await bench.raw();
  await bench.load(contender, { events: Math.ceil(events / 10), bytes, inFlight: clients });
  const result = await bench.load(contender, { events, bytes, inFlight: clients });
  bench.say.line(describeLoad('HTTP door', result, raw.cpuUs));
  bench.say.line(`  answered 202: ${result.publishedPerSecond.toFixed(0)} events/s`);
  return {
    measures: { 'http-door': result.publishedPerSecond },
    details: { Clients: clients, Result: result },
  };
}
