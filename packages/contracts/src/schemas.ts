// Every message and body by name, for the committed JSON Schemas (schemas/) and whoever documents them.
import type { z } from 'zod';
import { AuditEntry } from './audit.js';
import * as configuration from './configuration.js';
import { DeliveryWithAttempts, Delivery } from './deliveries.js';
import { Problem } from './errors.js';
import { AcceptedEvent, EventDetail, EventSummary, PublishedEvent, RejectedEvent } from './events.js';
import { FilterTest, FilterTestResult } from './filters.js';
import { LaneHeadSchema } from './lane.js';
import {
  ApiKey,
  ApiKeyCreate,
  ApiKeyCreated,
  Organization,
  OrganizationCreate,
  OrganizationPatch,
} from './organizations.js';
import {
  ReplyEnvelope,
  serviceRequests,
  DeliveriesChangedNotice,
  ApiKeyNotice,
  DispatcherNotice,
  WebhookNotice,
} from './service-requests.js';
import { Replay, ReplayCreate, ReplayPreview } from './replays.js';
import { LiveDeliveries, PortalLink, PortalLinkCreate, Session, SignIn } from './sessions.js';
import { SignHeadSchema, SignReply } from './signing.js';
import { Stats } from './stats.js';
import { noticeSubjects, requestSubjects } from './subjects.js';
import { ServiceStatus, SystemStatus } from './system.js';
import { SendExample, Topic, TopicCreate, TopicPatch } from './topics.js';
import {
  ResumeWebhook,
  RotateSecret,
  Webhook,
  WebhookCreate,
  WebhookPatch,
  WebhookWithSecret,
} from './webhooks.js';

/** NATS message name (its subject, with the version in it) or `http.<Body>` → schema. */
export const messageSchemas: Readonly<Record<string, z.ZodType>> = {
  'postrider.events.v1': PublishedEvent,
  'postrider.deliveries.v1.head': LaneHeadSchema,
  'kv.configuration.organizations': configuration.OrganizationConfiguration,
  'kv.configuration.webhooks': configuration.WebhookConfiguration,
  'kv.configuration.topics': configuration.TopicConfiguration,
  [`${requestSubjects.sign}.request.head`]: SignHeadSchema,
  [`${requestSubjects.sign}.reply`]: SignReply,
  'postrider.reply': ReplyEnvelope,
  ...Object.fromEntries(
    Object.entries(serviceRequests).flatMap(([name, { request, reply }]): [string, z.ZodType][] => {
      const subject = requestSubjects[name as keyof typeof serviceRequests];
      return [
        [`${subject}.request`, request],
        [`${subject}.reply`, reply],
      ];
    }),
  ),
  [noticeSubjects.secretChanged]: WebhookNotice,
  [noticeSubjects.webhookDisabled]: WebhookNotice,
  [noticeSubjects.apiKeyChanged]: ApiKeyNotice,
  [noticeSubjects.dispatcherAlive]: DispatcherNotice,
  [noticeSubjects.deliveriesChanged]: DeliveriesChangedNotice,
  [`${noticeSubjects.statusAsked}.reply`]: ServiceStatus,
  'http.Problem': Problem,
  'http.OrganizationCreate': OrganizationCreate,
  'http.OrganizationPatch': OrganizationPatch,
  'http.Organization': Organization,
  'http.ApiKeyCreate': ApiKeyCreate,
  'http.ApiKey': ApiKey,
  'http.ApiKeyCreated': ApiKeyCreated,
  'http.SignIn': SignIn,
  'http.Session': Session,
  'http.PortalLinkCreate': PortalLinkCreate,
  'http.PortalLink': PortalLink,
  'http.LiveDeliveries': LiveDeliveries,
  'http.AuditEntry': AuditEntry,
  'http.WebhookCreate': WebhookCreate,
  'http.WebhookPatch': WebhookPatch,
  'http.Webhook': Webhook,
  'http.WebhookWithSecret': WebhookWithSecret,
  'http.RotateSecret': RotateSecret,
  'http.ResumeWebhook': ResumeWebhook,
  'http.Topic': Topic,
  'http.TopicCreate': TopicCreate,
  'http.TopicPatch': TopicPatch,
  'http.SendExample': SendExample,
  'http.FilterTest': FilterTest,
  'http.FilterTestResult': FilterTestResult,
  'http.AcceptedEvent': AcceptedEvent,
  'http.EventSummary': EventSummary,
  'http.EventDetail': EventDetail,
  'http.RejectedEvent': RejectedEvent,
  'http.Delivery': Delivery,
  'http.DeliveryWithAttempts': DeliveryWithAttempts,
  'http.ReplayCreate': ReplayCreate,
  'http.Replay': Replay,
  'http.ReplayPreview': ReplayPreview,
  'http.Stats': Stats,
  'http.SystemStatus': SystemStatus,
};
