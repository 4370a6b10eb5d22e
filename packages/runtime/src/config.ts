// Reading a service's environment: one schema, checked at boot, every problem in one message.
import { z } from 'zod';

/** An environment variable that is set to nothing counts as not set. */
function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}

/** Thrown with all problems, one per line, each naming its variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** `schema` is a z.object keyed by variable names; unknown variables are none of its business. */
export function loadConfig<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv = process.env): z.infer<T> {
  const result = schema.safeParse(withoutEmpty(env));
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `  ${issue.path.join('.') || '(settings)'}: ${issue.message}`,
  );
  throw new ConfigurationError(
    `The settings are wrong:\n${lines.join('\n')}\nSee .env.example for what each means.`,
  );
}

const integer = (what: string, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `must be an integer: ${what}` })
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** Settings that more than one service has, to be picked from. */
export const settings = {
  port: (defaultPort: number) => integer('a TCP port, 0 for a free one', 0, 65_535).default(defaultPort),
  integer,
  flag: (defaultValue: boolean) =>
    z
      .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
      .transform((value) => value === 'true' || value === '1')
      .default(defaultValue),
  /** Per second; 0: no limit. */
  rate: (defaultRate: number) =>
    integer('a number per second, 0 for no limit', 0, 10_000_000).default(defaultRate),
  host: z.string().default('127.0.0.1'),
  databaseUrl: z.string({ error: 'is missing: postgres://user:password@host:5432/postrider' }),
  natsUrl: z.string().default('nats://127.0.0.1:4222'),
  /** Not set: streams that are made get one, those that are there stay as they are. */
  natsReplicas: z
    .enum(['1', '3', '5'], { error: 'must be 1, 3 or 5: copies of each stream on a NATS cluster' })
    .transform(Number)
    .optional(),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
} as const;

/** Traces for operators: the names are OpenTelemetry's. */
export const tracingSettings = {
  /** OTLP over HTTP; unset: no traces, and no cost. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL such as http://collector:4318' })
    .optional(),
  /** `name=value,name=value`, percent-encoded: keys of the receiver, for instance. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  /** Share of the traces begun here that are recorded, 0..1. */
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, { error: 'must be a share between 0 and 1' })
    .transform(Number)
    .default(1),
  /** `name=value,name=value`, told with every trace. */
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
} as const;
type TracingSettings = z.infer<z.ZodObject<typeof tracingSettings>>;

export interface TracingConfig {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratio: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** null: no traces. */
export function readTracing(values: TracingSettings): TracingConfig | null {
  if (values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null;
  return {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: readPairs('OTEL_EXPORTER_OTLP_HEADERS', values.OTEL_EXPORTER_OTLP_HEADERS),
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
    attributes: readPairs('OTEL_RESOURCE_ATTRIBUTES', values.OTEL_RESOURCE_ATTRIBUTES),
  };
}

function readPairs(variable: string, text = ''): Record<string, string> {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  try {
    return Object.fromEntries(
      parts.map((part) => {
        const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
        if (name === undefined || value === undefined) throw new Error('no pair');
        return [decodeURIComponent(name), decodeURIComponent(value)];
      }),
    );
  } catch {
    // Not the text itself: it may hold a key.
    throw new ConfigurationError(`${variable} must be name=value pairs separated by commas`);
  }
}
