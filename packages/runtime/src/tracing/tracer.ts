// What services tell of the way of an event, for operators. Off unless an OTLP endpoint is configured: then there is no
// tracer at all (null), and whoever would use it does nothing.
import { randomBytes } from 'node:crypto';
import type { TracingConfig } from '../config.js';
import { OtlpExporter, type ExporterOptions } from './otlp-exporter.js';
import type { Span } from './span.js';
import type { Trace } from './trace-context.js';

export interface Tracer {
  /** A new span's place: below `parent`, or as the beginning of the trace with that id where there is no parent. */
  place(parent: Trace | null, traceId: () => string): Trace;
  /** Costs nothing for a trace that is not sampled. */
  record(span: Span): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

export interface TracerOptions {
  /** `postrider-<service>` is told as its name. */
  readonly service: string;
  readonly version: string;
  readonly config: TracingConfig;
  readonly onError: ExporterOptions['onError'];
}

/** Of a trace begun here: by its id, so that every service decides alike. */
function isChosen(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-12), 16) < ratio * 2 ** 48;
}

/** null where no endpoint is configured. */
export function startTracer(
  options: Omit<TracerOptions, 'config'> & { config: TracingConfig | null },
): Tracer | null {
  return options.config === null ? null : openTracer({ ...options, config: options.config });
}

function openTracer({ service, version, config, onError }: TracerOptions): Tracer {
  const { endpoint, headers, ratio, attributes } = config;
  const resource = { serviceName: `postrider-${service}`, serviceVersion: version, attributes };
  const exporter = new OtlpExporter({ endpoint, headers, resource, onError });
  return {
    place: (parent, newTraceId) => {
      const spanId = randomBytes(8).toString('hex');
      if (parent !== null) return { ...parent, spanId };
      const traceId = newTraceId();
      return { traceId, spanId, isSampled: isChosen(traceId, ratio) };
    },
    record: (span) => {
      if (span.trace.isSampled) exporter.add(span);
    },
    close: () => exporter.close(),
  };
}
