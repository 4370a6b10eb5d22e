// One webhook alone, with a quick receiver: its cap has to open for it.
import type { Bench, Findings } from '../bench.js';
import { describeLoad } from '../describe.js';

export async function loneWebhook(bench: Bench): Promise<Findings> {
  const { bytes, loneEvents: events } = bench.sizes;
  const postrider = await bench.postrider();
  const contender = postrider.as(await postrider.populate([[bench.url('lone')]]));
  const raw = await bench.raw();
  const result = await bench.load(contender, { events, bytes });
  bench.say.line(describeLoad('one webhook', result, raw.cpuUs));
  return { measures: { 'lone-webhook': result.perSecond }, details: { Result: result } };
}
