import { defaultMaxEventBytes } from '@postrider/contracts';
import { loadConfig, readTracing, settings, tracingSettings, type TracingConfig } from '@postrider/runtime';
import { z } from 'zod';

const schema = z.object({
  EVENT_INGEST_PORT: settings.port(3001),
  HOST: settings.host,
  DATABASE_URL: settings.databaseUrl,
  NATS_URL: settings.natsUrl,
  NATS_REPLICAS: settings.natsReplicas,
  LOG_LEVEL: settings.logLevel,
  /** Kills this process at a named place: for fault tests. */
  FAILPOINT: z.string().optional(),
  /** The key that may publish for every organization. */
  ADMIN_API_KEY: z
    .string({ error: 'is missing: a long random text, the same for config-api and event-ingest' })
    .regex(/^[!-~]{1,512}$/, { error: 'must be 1..512 printable ASCII characters without spaces' }),
  /** The longest event, as published. */
  MAX_EVENT_BYTES: settings.integer('bytes, 1024..16777216', 1_024, 16_777_216).default(defaultMaxEventBytes),
  /**
   * Events per second of an organization, ten times as many at once. What comes faster is 429 over HTTP; over NATS, where
   * it is kept already, it is accepted and goes out by the claims, which share out evenly among organizations.
   */
  RATE_LIMIT_EVENTS: settings.rate(20_000),
  ...tracingSettings,
});

export interface EventIngestConfig {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly natsReplicas?: number | undefined;
  readonly logLevel: string;
  readonly failPoint: string | undefined;
  readonly adminApiKey: string;
  readonly maxEventBytes: number;
  /** Events per second and organization; 0: no limit. */
  readonly rateLimitEvents: number;
  /** null: no traces. */
  readonly tracing?: TracingConfig | null;
}

export function readConfig(env?: NodeJS.ProcessEnv): EventIngestConfig {
  const values = loadConfig(schema, env ?? process.env);
  return {
    port: values.EVENT_INGEST_PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    natsUrl: values.NATS_URL,
    natsReplicas: values.NATS_REPLICAS,
    logLevel: values.LOG_LEVEL,
    failPoint: values.FAILPOINT,
    adminApiKey: values.ADMIN_API_KEY,
    maxEventBytes: values.MAX_EVENT_BYTES,
    rateLimitEvents: values.RATE_LIMIT_EVENTS,
    tracing: readTracing(values),
  };
}
