import { parseMailAddress, type MailAddress } from '@postrider/contracts';
import { EgressRulesError, parseEgressRules, type EgressRules } from '@postrider/egress';
import {
  ConfigurationError,
  loadConfig,
  readTracing,
  settings,
  tracingSettings,
  type TracingConfig,
} from '@postrider/runtime';
import { z } from 'zod';
import { parseProxyUrl, type EgressProxy } from './deliver/proxy-tunnel.js';

const mebibyte = 1_048_576;

const schema = z.object({
  DISPATCHER_PORT: settings.port(3002),
  HOST: settings.host,
  DATABASE_URL: settings.databaseUrl,
  NATS_URL: settings.natsUrl,
  LOG_LEVEL: settings.logLevel,
  /** Kills this process at a named place: for fault tests. */
  FAILPOINT: z.string().optional(),
  /** Requests under way at the same time, over all webhooks. */
  MAX_IN_FLIGHT: settings.integer('requests at the same time, 1..20000', 1, 20_000).default(1_024),
  /** Of those, to one origin; each webhook may always have one. */
  MAX_IN_FLIGHT_PER_ORIGIN: settings.integer('requests at the same time, 1..20000', 1, 20_000).default(256),
  /** Whether that counts for loopback addresses too, which local mode spares. */
  LIMIT_LOOPBACK: settings.flag(false),
  /** Deliveries held in memory at most; what is more waits in NATS and PostgreSQL. */
  MAX_HELD_IN_MEMORY: settings.integer('deliveries, 100..200000', 100, 200_000).default(20_000),
  /** And bytes of their texts: where events are large, fewer of them wait in memory. */
  MAX_HELD_BYTES: settings
    .integer('bytes, 1048576..17179869184', mebibyte, 16_384 * mebibyte)
    .default(64 * mebibyte),
  /** The operator's mail server: smtp://user:password@host:587, smtps://host. Without it no mail is sent. */
  SMTP_URL: z.string().optional(),
  /** `Name <address>`. */
  MAIL_FROM: z.string().optional(),
  /** Signs the links in mails; the same for config-api. */
  MAIL_LINK_KEY: z.string().optional(),
  /** Where config-api is reached from outside: for the links in mails. */
  PUBLIC_URL: z.string().optional(),
  ALLOW_HTTP_ENDPOINTS: z.string().optional(),
  EGRESS_ALLOW: z.string().optional(),
  EGRESS_DENY: z.string().optional(),
  EGRESS_PORTS: z.string().optional(),
  /** http://user:password@proxy:3128: deliveries go out through it. */
  EGRESS_PROXY: z.string().optional(),
  ...tracingSettings,
  /** Whether receivers get a `traceparent` header: the one header that an attempt's record does not show. */
  TRACE_RECEIVERS: settings.flag(false),
});

export interface DispatcherConfig {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly logLevel: string;
  readonly failPoint: string | undefined;
  readonly maxInFlight: number;
  readonly maxInFlightPerOrigin: number;
  readonly limitsLoopback: boolean;
  readonly maxHeldInMemory: number;
  readonly maxHeldBytes: number;
  readonly egress: EgressRules;
  /** Null: deliveries go out directly. */
  readonly egressProxy: EgressProxy | null;
  /** Null: no mail. */
  readonly mail: MailConfig | null;
  /** Null: no traces. */
  readonly tracing: TracingConfig | null;
  readonly tracesReceivers: boolean;
}

export interface MailConfig {
  readonly smtpUrl: string;
  readonly from: MailAddress;
  readonly linkKey: string;
  /** Without a slash at its end. */
  readonly publicUrl: string | null;
}

export function readConfig(env?: NodeJS.ProcessEnv): DispatcherConfig {
  const values = loadConfig(schema, env ?? process.env);
  return {
    port: values.DISPATCHER_PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    natsUrl: values.NATS_URL,
    logLevel: values.LOG_LEVEL,
    failPoint: values.FAILPOINT,
    maxInFlight: values.MAX_IN_FLIGHT,
    maxInFlightPerOrigin: values.MAX_IN_FLIGHT_PER_ORIGIN,
    limitsLoopback: values.LIMIT_LOOPBACK,
    maxHeldInMemory: values.MAX_HELD_IN_MEMORY,
    maxHeldBytes: values.MAX_HELD_BYTES,
    egress: readEgress(values),
    egressProxy: readProxy(values.EGRESS_PROXY ?? ''),
    mail: readMail(values),
    tracing: readTracing(values),
    tracesReceivers: values.TRACE_RECEIVERS,
  };
}

function readEgress(values: z.infer<typeof schema>): EgressRules {
  try {
    return parseEgressRules(values);
  } catch (error) {
    if (error instanceof EgressRulesError) throw new ConfigurationError(error.message);
    throw error;
  }
}

function readProxy(text: string): EgressProxy | null {
  if (text === '') return null;
  const proxy = parseProxyUrl(text);
  // The text itself stays out of the message: it may have a password.
  if (proxy === null) {
    throw new ConfigurationError(
      'EGRESS_PROXY must be a URL such as http://user:password@proxy.example.com:3128',
    );
  }
  return proxy;
}

function readMail(values: z.infer<typeof schema>): MailConfig | null {
  const { SMTP_URL = '', MAIL_FROM = '', MAIL_LINK_KEY = '', PUBLIC_URL = '' } = values;
  if (SMTP_URL === '') return null;
  if (!URL.canParse(SMTP_URL) || !/^smtps?:$/.test(new URL(SMTP_URL).protocol)) {
    throw new ConfigurationError('SMTP_URL must be a URL such as smtp://user:password@mail.example.com:587');
  }
  const from = parseMailAddress(MAIL_FROM);
  if (from === null) {
    throw new ConfigurationError(
      'MAIL_FROM must be the sender of mails, such as Postrider <post@example.com>',
    );
  }
  if (MAIL_LINK_KEY.length < 32) {
    throw new ConfigurationError('MAIL_LINK_KEY must be a secret of at least 32 characters');
  }
  if (PUBLIC_URL !== '' && !/^https?:\/\//.test(PUBLIC_URL)) {
    throw new ConfigurationError('PUBLIC_URL must be a URL such as https://postrider.example.com');
  }
  const publicUrl = PUBLIC_URL === '' ? null : PUBLIC_URL.replace(/\/+$/, '');
  return { smtpUrl: SMTP_URL, from, linkKey: MAIL_LINK_KEY, publicUrl };
}
