import { fileURLToPath } from 'node:url';
import { EgressRulesError, parseEgressRules, type EgressRules } from '@postrider/egress';
import { ConfigurationError, loadConfig, settings, type RateLimits } from '@postrider/runtime';
import { z } from 'zod';
import type { WebhookLimits } from './webhooks/webhook-limits.js';

/** `https://portal.example.com`, separated by commas: as a browser sends them, or they would match nothing. */
const origins = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((origin) => origin !== ''))
  .refine((list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
    error:
      'must be origins such as https://portal.example.com (no path, no final slash), separated by commas',
  });

const schema = z.object({
  CONFIG_API_PORT: settings.port(3000),
  HOST: settings.host,
  DATABASE_URL: settings.databaseUrl,
  NATS_URL: settings.natsUrl,
  NATS_REPLICAS: settings.natsReplicas,
  LOG_LEVEL: settings.logLevel,
  /** May do all; sent as a bearer token, hence no spaces. */
  ADMIN_API_KEY: z
    .string({ error: 'is missing: a secret of at least 16 characters' })
    .regex(/^[!-~]{16,512}$/, { error: 'must be 16..512 printable ASCII characters without spaces' }),
  /** Days for which events, deliveries and attempts are kept. */
  RETENTION_DAYS: settings.integer('days, 1..3650', 1, 3_650).default(30),
  /** Where browsers reach the dashboard, when that differs from how they ask us (a proxy in front). */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL such as https://hooks.example.com' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Origins, separated by spaces, whose pages may show the dashboard in a frame. */
  PORTAL_PARENTS: z
    .string()
    .regex(/^(\s*https?:\/\/[a-z0-9.*-]+(:\d{1,5})?\s*)*$/i, {
      error: 'must be origins such as https://app.example.com, separated by spaces',
    })
    .default(''),
  /** The built dashboard. */
  DASHBOARD_DIR: z.string().default(fileURLToPath(new URL('../../dashboard/dist', import.meta.url))),
  /** Signs the links in mails; the same for the dispatcher. Without it there are no webhooks of Type email. */
  MAIL_LINK_KEY: z.string().min(32, { error: 'must be a secret of at least 32 characters' }).optional(),
  ALLOW_HTTP_ENDPOINTS: z.string().optional(),
  EGRESS_ALLOW: z.string().optional(),
  EGRESS_DENY: z.string().optional(),
  EGRESS_PORTS: z.string().optional(),
  /** Requests per second of one API key, and of all keys of an organization; ten times as many at once. */
  RATE_LIMIT_PER_KEY: settings.rate(200),
  RATE_LIMIT_PER_ORGANIZATION: settings.rate(1_000),
  MAX_WEBHOOKS_PER_ORGANIZATION: settings.integer('webhooks, 1..1000000', 1, 1_000_000).default(10_000),
  /** Of one organization, to the same host and port. */
  MAX_WEBHOOKS_PER_HOST: settings.integer('webhooks, 1..1000000', 1, 1_000_000).default(1_000),
  /** Origins whose pages may call this API from a browser. */
  CORS_ORIGINS: origins,
});

export interface ConfigApiConfig {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly natsReplicas?: number | undefined;
  readonly logLevel: string;
  readonly adminApiKey: string;
  readonly retentionDays: number;
  readonly publicUrl: string | null;
  readonly portalParents: readonly string[];
  readonly dashboardFolder: string;
  readonly egress: EgressRules;
  readonly rateLimits: RateLimits;
  readonly webhookLimits: WebhookLimits;
  readonly corsOrigins: readonly string[];
  /** Null: no webhooks of Type email. */
  readonly mailLinkKey: string | null;
}

export function readConfig(env?: NodeJS.ProcessEnv): ConfigApiConfig {
  const values = loadConfig(schema, env ?? process.env);
  return {
    port: values.CONFIG_API_PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    natsUrl: values.NATS_URL,
    natsReplicas: values.NATS_REPLICAS,
    logLevel: values.LOG_LEVEL,
    adminApiKey: values.ADMIN_API_KEY,
    retentionDays: values.RETENTION_DAYS,
    publicUrl: values.PUBLIC_URL ?? null,
    portalParents: values.PORTAL_PARENTS.split(/\s+/).filter(Boolean),
    dashboardFolder: values.DASHBOARD_DIR,
    egress: readEgress(values),
    rateLimits: { perKey: values.RATE_LIMIT_PER_KEY, perOrganization: values.RATE_LIMIT_PER_ORGANIZATION },
    webhookLimits: {
      perOrganization: values.MAX_WEBHOOKS_PER_ORGANIZATION,
      perHost: values.MAX_WEBHOOKS_PER_HOST,
    },
    corsOrigins: values.CORS_ORIGINS,
    mailLinkKey: values.MAIL_LINK_KEY ?? null,
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
