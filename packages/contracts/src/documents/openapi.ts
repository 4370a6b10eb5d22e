// What the OpenAPI document says besides config-api's own calls: the requests that webhooks get (`webhooks`, OpenAPI 3.1),
// the door for events, which is another service's, and an example of every body.
import { z } from 'zod';
import { AcceptedEvent, maxEventsPerRequest, PublishedEvent } from '../events.js';
import { DeliveredEvent } from './delivered-event.js';
import { deliveredExamples } from './event-examples.js';
import { examples } from './examples.js';
import { healthTexts, parameterDescriptions, tagDescriptions } from './words.js';

type Json = Record<string, unknown>;

/** As much of an OpenAPI document as is touched here. */
export interface OpenApiLike {
  info: object;
  paths: object;
  components?: { schemas?: object };
}

/** Adds `webhooks`, the examples, and the words that no call has of its own; answers a new document. */
export function completeOpenApi<T extends OpenApiLike>(document: T): T & { webhooks: Json } {
  const schemas = {
    ...(document.components?.schemas as Json | undefined),
    DeliveredEvent: jsonSchema(DeliveredEvent),
  };
  // Whom to write to is the operator's to say, and not an empty object.
  const { contact: _, ...info } = document.info as Json;
  return {
    ...document,
    info,
    tags: Object.entries(tagDescriptions)
      .map(([name, description]) => ({ name, description }))
      .sort((a, b) => a.name.localeCompare(b.name)),
    paths: withWords(document.paths as Paths),
    components: { ...document.components, schemas: withExamples(schemas) },
    webhooks: { event: { post: webhookRequest } },
  };
}

type Paths = Record<string, Record<string, Operation>>;
interface Operation {
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
}
interface Parameter {
  readonly name: string;
  readonly description?: string;
}

function withWords(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [
          method,
          { ...operation, ...healthTexts[path], parameters: describedParameters(operation) },
        ]),
      ),
    ]),
  );
}

function describedParameters({ tags: [tag = ''] = [], parameters = [] }: Operation): Parameter[] {
  return parameters.map((parameter) => {
    const description =
      parameter.description ??
      parameterDescriptions[`${tag}.${parameter.name}`] ??
      parameterDescriptions[parameter.name];
    return description === undefined ? parameter : { ...parameter, description };
  });
}

/** Adds event-ingest's one call: for the document that people read, since another service answers it. */
export function withEventDoor<T extends OpenApiLike>(document: T): T {
  const path = '/v1/organizations/{org}/events';
  const paths = document.paths as Record<string, Json>;
  const schemas = document.components?.schemas as Json | undefined;
  const added = { PublishedEvent: jsonSchema(PublishedEvent), AcceptedEvent: jsonSchema(AcceptedEvent) };
  return {
    ...document,
    paths: { ...paths, [path]: { ...paths[path], post: publishCall } },
    components: { ...document.components, schemas: { ...schemas, ...withExamples(added) } },
  };
}

function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...body } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return body;
}

function withExamples(schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      Object.hasOwn(examples, name) ? { ...(schema as Json), examples: [examples[name]] } : schema,
    ]),
  );
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const header = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'header',
  required: true,
  description,
  schema,
});

const webhookRequest = {
  tags: ['Received'],
  operationId: 'Receiver_event',
  summary: 'An event for a receiver',
  description:
    'A signed POST to the `Url` of a webhook, again and again until it is received: any 2xx within `TimeoutSeconds`. At ' +
    'least once, in no promised order: drop duplicates by `webhook-id`.',
  security: [],
  parameters: [
    header('webhook-id', 'Id of the event, the same on every retry and resend.'),
    header('webhook-timestamp', 'Unix seconds of this attempt.', { type: 'string', pattern: '^\\d+$' }),
    header(
      'webhook-signature',
      'Standard Webhooks: `v1,<base64>` over `id.timestamp.body`; two while a secret rotates.',
    ),
    header('X-Hub-Signature', '`sha256=<hex>`: HMAC-SHA256 of the body, keyed with the secret as it reads.'),
    header('X-Hub-Signature-256', 'The same value.'),
    header('X-Postrider-Topic', 'Topic of the event.'),
    header('X-Postrider-Webhook-Id', 'Id of the webhook.'),
    header('X-Postrider-Delivery-Id', 'Id of the delivery.'),
    header('X-Postrider-Attempt-Id', 'Id of this attempt.'),
    header('X-Postrider-Attempt', 'Number of this attempt, from 1.', {
      type: 'string',
      pattern: '^[1-9]\\d*$',
    }),
    header('X-Postrider-Trigger', 'Why it was made.', {
      type: 'string',
      enum: ['event', 'retry', 'resend', 'ping'],
    }),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: ref('DeliveredEvent'),
        examples: Object.fromEntries(
          Object.entries(deliveredExamples).map(([name, value]) => [name, { value }]),
        ),
      },
    },
  },
  responses: {
    '2XX': { description: 'Received. The first 16 KiB of the body are kept.' },
    '3XX': { description: 'Failed: redirects are not followed. Tried again by the schedule.' },
    '410': { description: 'The endpoint is gone: the webhook is disabled.' },
    default: { description: 'Failed: tried again by the schedule, or later where `Retry-After` says so.' },
  },
};

const eventsOrEvent = (name: string): Json => ({
  oneOf: [ref(name), { type: 'array', items: ref(name), minItems: 1, maxItems: maxEventsPerRequest }],
});

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

const publishCall = {
  tags: ['Events'],
  operationId: 'Events_publish',
  summary: 'Publish an event, or up to 100',
  description:
    'Answered by event-ingest, once it is committed. The same `Id` again within 72 h is the same event. An array is ' +
    'accepted whole or not at all. CloudEvents 1.0 are taken too: structured (`application/cloudevents+json`), in batches ' +
    '(`application/cloudevents-batch+json`) and binary (`ce-` headers). Needs the scope `events:publish`.',
  servers: [
    {
      url: '{eventIngest}',
      description: 'event-ingest (`npm start` prints its address)',
      variables: { eventIngest: { default: 'http://localhost:3001' } },
    },
  ],
  parameters: [
    {
      name: 'org',
      in: 'path',
      required: true,
      description: 'Id of the organization.',
      schema: { type: 'string', format: 'uuid' },
    },
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: eventsOrEvent('PublishedEvent'),
        examples: {
          one: { value: examples['PublishedEvent'] },
          several: {
            value: [
              { Topic: 'job.execution.started', Data: { JobId: 'nightly-report' } },
              { Topic: 'job.execution.succeeded', Data: { JobId: 'nightly-report' } },
            ],
          },
        },
      },
    },
  },
  responses: {
    '202': {
      description: 'Accepted and committed; `Deliveries` says how many webhooks want it.',
      content: { 'application/json': { schema: eventsOrEvent('AcceptedEvent') } },
    },
    '400': problem('Not JSON, not UTF-8, or a key stands twice.'),
    '401': problem('No key, or none that is valid.'),
    '403': problem('The key lacks the scope.'),
    '404': problem('No such organization, or not yours.'),
    '409': problem('The `Id` was used for other content.'),
    '413': problem('Larger than `MAX_EVENT_BYTES`.'),
    '415': problem('The body is not JSON.'),
    '422': problem('Some fields are wrong, the topic is not known, or the event is nested too deeply.'),
    '429': problem('Too many requests: try again after `Retry-After` seconds.'),
    '503': problem('PostgreSQL is away: try again after `Retry-After` seconds.'),
  },
};
