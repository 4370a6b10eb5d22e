// What an instance tells of itself to whoever asks over NATS: its readiness, and some of its metrics by name.
import type { ServiceName, ServiceStatus } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { Readiness } from './health.js';
import { metricsRegistry } from './metrics.js';
import { version } from './version.js';

/** A metric of this process; with labels, the sum of the values that have them. */
export interface ReadFigure {
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface StatusTellerOptions {
  readonly service: ServiceName;
  readonly readiness: Readiness;
  readonly figures: Readonly<Record<string, ReadFigure>>;
}

export class StatusTeller {
  private readonly instanceId = newId();
  private readonly startedAt = Date.now();

  constructor(private readonly options: StatusTellerOptions) {}

  async status(): Promise<ServiceStatus> {
    const { service, readiness, figures } = this.options;
    const { ready, checks } = await readiness.result();
    const read = Object.entries(figures).map(
      async ([name, figure]) => [name, await readFigure(figure)] as const,
    );
    return {
      Service: service,
      InstanceId: this.instanceId,
      Version: version,
      StartedAt: this.startedAt,
      Ready: ready,
      Checks: Object.entries(checks).map(([name, { ok, reason }]) => ({
        Name: name,
        Ok: ok,
        Reason: reason,
      })),
      Figures: Object.fromEntries(await Promise.all(read)),
    };
  }
}

/** Null where the metric is not known at the moment (NaN). */
async function readFigure({ metric, labels = {} }: ReadFigure): Promise<number | null> {
  const found = await metricsRegistry.getSingleMetric(metric)?.get();
  if (found === undefined) return null;
  const sum = found.values
    .filter((value) => Object.entries(labels).every(([name, wanted]) => value.labels[name] === wanted))
    .reduce((total, { value }) => total + value, 0);
  return Number.isNaN(sum) ? null : sum;
}
