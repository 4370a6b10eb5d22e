// One Prometheus registry per process. Names: postrider_<what>_<unit>; labels only from closed sets.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const metricsRegistry = new Registry();
collectDefaultMetrics({ register: metricsRegistry });

/** `collect` is run when somebody reads the metrics. */
export function counter<L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (this: Counter<L>) => void,
): Counter<L> {
  return new Counter({
    name,
    help,
    labelNames,
    registers: [metricsRegistry],
    ...(collect ? { collect } : {}),
  });
}

/** `collect` is run when somebody reads the metrics. */
export function gauge<L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (this: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  return new Gauge({ name, help, labelNames, registers: [metricsRegistry], ...(collect ? { collect } : {}) });
}

/** Seconds, as Prometheus counts. */
export function histogram<L extends string>(
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly L[] = [],
): Histogram<L> {
  return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [metricsRegistry] });
}
