// One example of every body of the HTTP API, by its name; a test parses each by its schema.
import type { AuditEntry } from '../audit.js';
import type { Delivery, DeliveryWithAttempts } from '../deliveries.js';
import type { Problem } from '../errors.js';
import type { ApiKey, Organization } from '../organizations.js';
import type { Replay } from '../replays.js';
import type { Session } from '../sessions.js';
import type { Stats } from '../stats.js';
import type { SystemStatus } from '../system.js';
import type { Topic } from '../topics.js';
import type { Webhook } from '../webhooks.js';
import {
  organizationId,
  webhookId,
  deliveryId,
  attemptId,
  eventId,
  at,
  laterMs,
  data,
  filter,
  publishedEvent,
  deliveredEvent,
  acceptedEvent,
  eventSummary,
  eventDetail,
  rejectedEvent,
} from './event-examples.js';

const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';

const organization: Organization = { Id: organizationId, Name: 'Acme', CreatedAt: at, UpdatedAt: at };

const apiKey: ApiKey = {
  Id: '0192f0c4-44dd-7e6f-8a7b-456789abcdef',
  Name: 'Dashboard of the support team',
  Scopes: ['webhooks:read', 'deliveries:resend'],
  Prefix: 'pr_4fT9',
  CreatedAt: at,
  ExpiresAt: laterMs,
  LastUsedAt: null,
};

const webhook: Webhook = {
  Id: webhookId,
  OrganizationId: organizationId,
  Alias: 'Alerts',
  Type: 'webhook',
  Url: 'https://example.com/webhooks',
  Email: null,
  EmailConfirmedAt: null,
  HasAuthorization: false,
  Topics: ['job.execution.*'],
  Filter: filter,
  State: 'enabled',
  DisabledReason: null,
  TimeoutSeconds: 15,
  RetrySchedule: null,
  RateLimitPerSecond: null,
  SecretCreatedAt: at,
  PreviousSecretExpiresAt: null,
  LastSucceededAt: at,
  LastFailedAt: null,
  CreatedAt: at,
  UpdatedAt: at,
};

const delivery: Delivery = {
  Id: deliveryId,
  OrganizationId: organizationId,
  WebhookId: webhookId,
  EventId: eventId,
  Topic: 'job.execution.failed',
  Status: 'Succeeded',
  Trigger: 'event',
  AttemptsCount: 1,
  NextAttemptAt: null,
  LastStatusCode: 204,
  LastError: null,
  DurationMs: 34,
  CreatedAt: at,
  UpdatedAt: at + 34,
};

const deliveryWithAttempts: DeliveryWithAttempts = {
  ...delivery,
  Attempts: [
    {
      Id: attemptId,
      Number: 1,
      Trigger: 'event',
      StartedAt: at,
      DurationMs: 34,
      StatusCode: 204,
      Error: null,
      Request: {
        Url: 'https://example.com/webhooks',
        Headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'User-Agent': 'Postrider/1.0.0',
          'webhook-id': eventId,
          'webhook-timestamp': String(at / 1_000),
          'webhook-signature': 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
          'X-Postrider-Topic': 'job.execution.failed',
        },
        Body: JSON.stringify(deliveredEvent),
      },
      Response: {
        Headers: { date: 'Thu, 28 May 2026 20:26:40 GMT' },
        Body: '',
        Encoding: 'utf8',
        Truncated: false,
      },
    },
  ],
};

const topic: Topic = {
  Name: 'job.execution.failed',
  Title: 'Job failed',
  Description: 'An execution of a job has ended with an error.',
  Example: data,
  Schema: { type: 'object', required: ['JobId'] },
  EnforceSchema: false,
  Deprecated: false,
  CreatedAt: at,
  UpdatedAt: at,
};

const replay: Replay = {
  Id: '0192f0c6-66ff-7a8b-8c9d-6789abcdef01',
  OrganizationId: organizationId,
  WebhookId: webhookId,
  Status: 'Failed',
  Topic: null,
  From: at,
  To: laterMs,
  RatePerSecond: 50,
  Total: 1_200,
  Done: 300,
  Succeeded: 299,
  Failed: 1,
  State: 'Running',
  CreatedAt: laterMs,
  FinishedAt: null,
};

const quantiles = { P50: 34, P95: 120, P99: 310 };
const lagQuantiles = { P50: 28, P95: 128, P99: 41_800 };
const stats: Stats = {
  From: at,
  To: at + 3_600_000,
  Deliveries: { Pending: 1, Held: 0, Succeeded: 240, Failed: 2, Cancelled: 0 },
  Attempts: 250,
  SuccessRate: 0.96,
  DurationMs: quantiles,
  LagMs: lagQuantiles,
  OldestPendingAt: at + 3_540_000,
  Buckets: [{ At: at, Succeeded: 240, Failed: 10, ...quantiles, LagMs: lagQuantiles }],
};

const session: Session = {
  Kind: 'organization',
  OrganizationId: organizationId,
  OrganizationName: 'Acme',
  Scopes: ['webhooks:read', 'deliveries:read'],
  CsrfToken: null,
  ExpiresAt: null,
};

const auditEntry: AuditEntry = {
  Id: '0192f0c7-7700-7b9c-9dae-789abcdef012',
  OrganizationId: organizationId,
  CreatedAt: at,
  Actor: { Type: 'ApiKey', Id: apiKey.Id, Prefix: apiKey.Prefix },
  Action: 'webhook.changed',
  Resource: { Type: 'webhook', Id: webhookId },
  Before: { Alias: null },
  After: { Alias: 'Alerts' },
  RequestId: '0192f0c8-8811-7cad-8ebf-89abcdef0123',
};

const systemStatus: SystemStatus = {
  AskedAt: at,
  NatsConnected: true,
  Services: [
    {
      Name: 'dispatcher',
      Instances: [
        {
          Service: 'dispatcher',
          InstanceId: '0192f0ca-aa33-7ecf-8adb-abcdef012345',
          Version: '1.0.0',
          StartedAt: at,
          Ready: true,
          Checks: [{ Name: 'database', Ok: true, Reason: null }],
          Figures: { EventsPending: 0 },
        },
      ],
    },
  ],
};

const problem: Problem = {
  type: 'urn:postrider:problem:invalid_fields',
  title: 'Some fields are wrong',
  status: 422,
  detail: '/Url must be a text: an https URL',
  code: 'invalid_fields',
  errors: [{ pointer: '/Url', detail: 'must be a text: an https URL' }],
  requestId: '0192f0c8-8811-7cad-8ebf-89abcdef0123',
};

const webhookCreate = {
  Alias: 'Alerts',
  Url: 'https://example.com/webhooks',
  Topics: ['job.execution.*'],
  Filter: filter,
};
const replayCreate = { WebhookId: webhookId, Status: 'Failed', From: at, To: laterMs, RatePerSecond: 50 };
const scopes = ['webhooks:read', 'deliveries:read'];

/** By the name of the schema, without `http.`. */
export const examples: Readonly<Record<string, unknown>> = {
  PublishedEvent: publishedEvent,
  DeliveredEvent: deliveredEvent,
  Problem: problem,
  OrganizationCreate: { Name: 'Acme' },
  OrganizationPatch: { Name: 'Acme Ltd' },
  Organization: organization,
  ApiKeyCreate: { Name: apiKey.Name, Scopes: apiKey.Scopes, ExpiresAt: laterMs },
  ApiKey: apiKey,
  ApiKeyCreated: { ...apiKey, Key: 'pr_4fT9xQm2Wc7Lr0Vn5Ks8Jd3Hb6Gz1Yp' },
  SignIn: { Key: 'pr_4fT9xQm2Wc7Lr0Vn5Ks8Jd3Hb6Gz1Yp' },
  Session: session,
  PortalLinkCreate: { Scopes: scopes, ExpiresInSeconds: 3_600 },
  PortalLink: { Url: 'https://postrider.example.com/#portal=…', Scopes: scopes, ExpiresAt: laterMs },
  LiveDeliveries: { Data: [delivery], More: 0 },
  AuditEntry: auditEntry,
  WebhookCreate: webhookCreate,
  WebhookPatch: { Alias: 'Alerts at night', Filter: null },
  Webhook: webhook,
  WebhookWithSecret: { ...webhook, SigningSecret: secret },
  RotateSecret: { GraceSeconds: 86_400 },
  ResumeWebhook: { Held: 'deliver' },
  Topic: topic,
  TopicCreate: { Name: topic.Name, Title: topic.Title, Example: data },
  TopicPatch: { Deprecated: true },
  SendExample: { Topic: topic.Name },
  FilterTest: { Filter: filter, Topics: ['job.execution.*'] },
  FilterTestResult: { Tested: 500, Passed: 1, Events: [eventSummary] },
  AcceptedEvent: acceptedEvent,
  EventSummary: eventSummary,
  EventDetail: eventDetail,
  RejectedEvent: rejectedEvent,
  Delivery: delivery,
  DeliveryWithAttempts: deliveryWithAttempts,
  ReplayCreate: replayCreate,
  Replay: replay,
  ReplayPreview: { DryRun: true, Total: 1_200 },
  Stats: stats,
  SystemStatus: systemStatus,
};
