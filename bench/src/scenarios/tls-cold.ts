// A thousand receivers with TLS, each at an address and with a certificate of its own, none of them connected yet: one
// event for all of them.
import type { Bench, Findings } from '../bench.js';
import { Child } from '../child.js';
import { describeLoad } from '../describe.js';
import { Postrider } from '../postrider.js';
import type { TlsReceivers } from '../programs/tls-receivers.js';

export async function tlsCold(bench: Bench): Promise<Findings> {
  const { bytes, tlsReceivers: count } = bench.sizes;
  const receivers = await Child.start('tls-receivers', { count });
  const { authority, urls } = receivers.hello as TlsReceivers;
  const postrider = await Postrider.start({ trust: [authority] });
  try {
    const contender = postrider.as(await postrider.populate([urls.map((url) => `${url}/tls`)]));
    const raw = await bench.raw();
    const cold = await bench.load(contender, { events: 1, fanOut: count, bytes }, receivers);
    bench.say.line(describeLoad(`${count} TLS receivers, cold`, cold, raw.cpuUs));
    const warm = await bench.load(contender, { events: 2, fanOut: count, bytes }, receivers);
    bench.say.line(describeLoad('the same, connected', warm, raw.cpuUs));
    return { measures: { tls: cold.perSecond }, details: { Cold: cold, Warm: warm } };
  } finally {
    await postrider.stop();
    await receivers.stop();
  }
}
