// AsyncAPI 3 of everything that goes over NATS: the door for publishers first, then what the services tell each other.
import { z } from 'zod';
import { messageSchemas } from '../schemas.js';
import {
  configurationBucket,
  eventsStream,
  eventsSubjectPrefix,
  laneStream,
  laneSubject,
} from '../subjects.js';
import {
  channelRef,
  framed,
  messageRef,
  onChannel,
  organizationParameter,
  schemaRef,
  type Json,
  type Part,
} from './asyncapi-parts.js';
import { announcements, requests } from './asyncapi-services.js';
import { examples } from './examples.js';

export function asyncApiDocument(): Json {
  const parts = [publishing(), lane(), configuration(), ...requests(), ...announcements()];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Postrider over NATS',
      version: '1.0.0',
      description:
        'What goes over NATS. `events` is the door for publishers; all else is between the services of one installation, ' +
        'which may lose it at any moment: PostgreSQL is the truth. A message type has its version in its subject.',
      tags: [
        { name: 'publishers', description: 'The channel `events`.' },
        { name: 'services', description: 'All other channels.' },
      ],
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      nats: {
        host: 'localhost:4222',
        protocol: 'nats',
        description: 'A server or cluster with JetStream; users and permissions: docs/nats-publishers.md.',
      },
    },
    channels: Object.assign({}, ...parts.map((part) => part.channels)) as Json,
    operations: Object.assign({}, ...parts.map((part) => part.operations)) as Json,
    components: {
      messages: Object.assign({}, ...parts.map((part) => part.messages)) as Json,
      schemas: schemasOf(parts.flatMap((part) => part.schemas)),
    },
  };
}

function publishing(): Part {
  const description =
    'JetStream: publish and await the ack, which means kept; without one publish again with the same Id. An event that is ' +
    'not accepted is not redelivered: it is kept as a rejected event with the reason. CloudEvents 1.0 are taken too, ' +
    'structured or with `ce-` headers.';
  return {
    channels: {
      events: {
        address: `${eventsSubjectPrefix}{OrganizationId}.{Topic}`,
        title: 'Events from publishers',
        description: `${description} Stream ${eventsStream}.`,
        parameters: {
          ...organizationParameter,
          Topic: { description: 'Full-stop delimited: job.execution.failed.' },
        },
        messages: { event: messageRef('event') },
      },
    },
    operations: {
      acceptEvents: {
        action: 'receive',
        channel: channelRef('events'),
        title: 'Accept events',
        description: 'event-ingest accepts events: what a publisher sends here is delivered.',
        messages: [onChannel('events', 'event')],
      },
    },
    messages: {
      event: {
        name: 'event',
        title: 'Event',
        summary: '`Topic` may be left out: it is the subject’s. `Data` goes out as it came in.',
        headers: {
          type: 'object',
          properties: {
            'Nats-Msg-Id': {
              type: 'string',
              description: 'Id of the event; recommended, where the body has none needed.',
            },
          },
        },
        payload: schemaRef('postrider.events.v1'),
        examples: [
          {
            name: 'failed',
            summary: 'A job has failed',
            headers: { 'Nats-Msg-Id': 'evt_nightly_42' },
            payload: examples['PublishedEvent'],
          },
        ],
      },
    },
    schemas: ['postrider.events.v1'],
  };
}

function lane(): Part {
  return {
    channels: {
      lane: {
        address: laneSubject,
        title: 'The fast lane',
        description: `JetStream ${laneStream}, in memory: deliveries on their way to a dispatcher. A frame: a JSON head, then the bytes of the events.`,
        messages: { deliveries: messageRef('deliveries') },
      },
    },
    operations: {
      handOn: {
        action: 'send',
        channel: channelRef('lane'),
        title: 'Hand on',
        description: 'event-ingest hands deliveries on.',
        messages: [onChannel('lane', 'deliveries')],
      },
      receiveDeliveries: {
        action: 'receive',
        channel: channelRef('lane'),
        title: 'Receive',
        description: 'A dispatcher receives deliveries.',
        messages: [onChannel('lane', 'deliveries')],
      },
    },
    messages: {
      deliveries: {
        name: 'deliveries',
        title: 'Head of a frame of deliveries',
        contentType: framed,
        payload: schemaRef(`${laneSubject}.head`),
      },
    },
    schemas: [`${laneSubject}.head`],
  };
}

function configuration(): Part {
  const kinds = ['organizations', 'webhooks', 'topics'] as const;
  const name = (kind: string): string => `configuration.${kind}`;
  return {
    channels: {
      configuration: {
        address: `$KV.${configurationBucket}.>`,
        title: 'Configuration',
        description:
          'KV bucket in which config-api publishes the configuration; event-ingest and dispatchers keep copies in memory.',
        messages: Object.fromEntries(kinds.map((kind) => [kind, messageRef(name(kind))])),
      },
    },
    operations: {
      publishConfiguration: {
        action: 'send',
        channel: channelRef('configuration'),
        title: 'Publish the configuration',
        description: 'config-api publishes what has changed.',
        messages: kinds.map((kind) => onChannel('configuration', kind)),
      },
      followConfiguration: {
        action: 'receive',
        channel: channelRef('configuration'),
        title: 'Follow the configuration',
        description: 'event-ingest and dispatcher follow it.',
        messages: kinds.map((kind) => onChannel('configuration', kind)),
      },
    },
    messages: Object.fromEntries(
      kinds.map((kind) => [
        name(kind),
        { name: name(kind), title: `Configuration: ${kind}`, payload: schemaRef(`kv.configuration.${kind}`) },
      ]),
    ),
    schemas: kinds.map((kind) => `kv.configuration.${kind}`),
  };
}

function schemasOf(names: readonly string[]): Json {
  return Object.fromEntries(
    [...new Set(names)].map((name) => {
      const schema = messageSchemas[name];
      if (schema === undefined) throw new Error(`no schema ${name}`);
      const { $schema: _, ...body } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [name, body];
    }),
  );
}
