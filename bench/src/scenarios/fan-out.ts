// One organization with 100 webhooks that all want every event.
import type { Bench, Findings } from '../bench.js';
import { describeLoad } from '../describe.js';

const fanOut = 100;

export async function fanOutHundred(bench: Bench): Promise<Findings> {
  const { bytes, fanOutEvents: events } = bench.sizes;
  const postrider = await bench.postrider();
  const urls = Array.from({ length: fanOut }, (_, n) => bench.url(`fan-out/${n}`));
  const contender = postrider.as(await postrider.populate([urls]));
  await bench.load(contender, { events: Math.ceil(events / 10), fanOut, bytes });
  const raw = await bench.raw();
  const result = await bench.load(contender, { events, fanOut, bytes });
  bench.say.line(describeLoad('fan-out 100', result, raw.cpuUs));
  return {
    measures: { 'fan-out': result.totalUs / raw.cpuUs },
    details: { Result: result, RawUs: raw.cpuUs },
  };
}
