// Examples of events, on their way from the publisher to a receiver.
import type { AcceptedEvent, EventDetail, EventSummary, PublishedEvent, RejectedEvent } from '../events.js';
import type { DeliveredEvent } from './delivered-event.js';

export const organizationId = '0192f0c1-7a3b-7c4d-8e5f-0123456789ab';
export const webhookId = '0192f0c2-11aa-7b3c-9d4e-123456789abc';
export const deliveryId = '0192f0c3-22bb-7c4d-8e5f-23456789abcd';
export const attemptId = '0192f0c3-33cc-7d5e-9f6a-3456789abcde';
export const eventId = 'evt_nightly_42';
export const at = 1_780_000_000_000;
export const laterMs = at + 86_400_000;

export const data = {
  JobId: 'nightly-report',
  State: 'failed',
  ExitCode: 1,
  Target: { Command: 'make report' },
};
export const filter = [{ Field: 'JobId', Operator: 'is' as const, Value: 'nightly-report' }];

export const publishedEvent: PublishedEvent = {
  Id: eventId,
  Topic: 'job.execution.failed',
  CreatedAt: at,
  Resource: 'JobExecution',
  Data: data,
  PreviousData: { State: 'started' },
  Actor: { Type: 'User', Id: 'ada' },
};

export const deliveredEvent: DeliveredEvent = {
  Id: eventId,
  Topic: 'job.execution.failed',
  CreatedAt: at,
  UpdatedAt: at,
  OrganizationId: organizationId,
  Resource: 'JobExecution',
  PreviousData: null,
  Data: data,
  Metadata: {
    Webhook: { Id: webhookId },
    Delivery: { Id: deliveryId },
    Attempt: { Id: attemptId },
    Event: { Id: eventId, Topic: 'job.execution.failed' },
  },
};

export const acceptedEvent: AcceptedEvent = { Id: eventId, Duplicate: false, Deliveries: 1 };

export const eventSummary: EventSummary = {
  Id: eventId,
  OrganizationId: organizationId,
  Topic: 'job.execution.failed',
  CreatedAt: at,
  UpdatedAt: at,
  Resource: 'JobExecution',
  Actor: null,
  CloudEvent: null,
  Source: 'nats',
  AcceptedAt: at + 3,
  Deliveries: 1,
};

export const eventDetail: EventDetail = {
  ...eventSummary,
  Webhooks: [
    {
      WebhookId: webhookId,
      Verdict: 'delivered',
      FailedRule: null,
      DeliveryId: deliveryId,
      Status: 'Succeeded',
    },
  ],
  PreviousData: null,
  Data: data,
};

export const rejectedEvent: RejectedEvent = {
  Id: '0192f0c5-55ee-7f7a-9b8c-56789abcdef0',
  OrganizationId: organizationId,
  Subject: `postrider.events.v1.${organizationId}.job.execution.failed`,
  Topic: 'job.execution.failed',
  EventId: null,
  Code: 'malformed_json',
  Reason: 'the body is not valid JSON: a value is missing at character 8',
  Errors: [],
  Payload: '{"Data":}',
  PayloadEncoding: 'utf8',
  PayloadTruncated: false,
  RejectedAt: at,
};

/** A webhook's request for each kind of topic. */
export const deliveredExamples: Readonly<Record<string, DeliveredEvent>> = {
  'job.execution.failed': deliveredEvent,
  'webhook.ping': about('webhook.ping', 'webhook', {
    Id: webhookId,
    OrganizationId: organizationId,
    Alias: 'Alerts',
    Url: 'https://example.com/webhooks',
    Topics: ['job.execution.*'],
    State: 'enabled',
    CreatedAt: at,
    UpdatedAt: at,
  }),
};

function about(Topic: string, Resource: string, Data: Record<string, unknown>): DeliveredEvent {
  const Id = '0192f0c9-9922-7dbe-9fca-9abcdef01234';
  return {
    ...deliveredEvent,
    Id,
    Topic,
    Resource,
    Data,
    Metadata: { ...deliveredEvent.Metadata, Event: { Id, Topic } },
  };
}
