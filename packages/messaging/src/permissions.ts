// What each service's NATS user may publish and subscribe to: the server configurations (local start, compose, Helm) are
// made from this, and a test tries each user on what it must not touch.
import {
  configurationBucket,
  eventsStream,
  eventsSubjects,
  laneConsumer,
  laneStream,
  laneSubject,
  eventsConsumer,
  noticeSubjects,
  probeStream,
  probeSubject,
  requestSubjects,
} from '@postrider/contracts';
import type { NatsUser } from './users.js';

export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Where answers to a service go; and where the services that answer may publish. */
const inboxOf = (user: NatsUser) => `_SVC.${user}.>`;
const answers = '_SVC.>';
const kv = `$KV.${configurationBucket}.>`;
const kvStream = `KV_${configurationBucket}`;

function streamApi(stream: string, consumer: string): string[] {
  return [
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.STREAM.INFO.${stream}`,
    // Which subject creates a consumer depends on the server's version.
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${consumer}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${consumer}`,
    `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
    `$JS.ACK.${stream}.${consumer}.>`,
  ];
}

/** A scheduler that publishes for one organization alone: docs/nats-publishers.md. */
export function publisherOf(organizationId: string): NatsPermissions {
  return {
    publish: [`${eventsSubjects.slice(0, -1)}${organizationId}.>`, '$JS.API.INFO'],
    subscribe: ['_INBOX.>'],
  };
}

export const natsPermissions: Readonly<Record<NatsUser, NatsPermissions>> = {
  config_api: {
    publish: [
      kv,
      '$JS.API.INFO',
      `$JS.API.STREAM.CREATE.${kvStream}`,
      `$JS.API.STREAM.UPDATE.${kvStream}`,
      `$JS.API.STREAM.INFO.${kvStream}`,
      `$JS.API.STREAM.MSG.GET.${kvStream}`,
      `$JS.API.DIRECT.GET.${kvStream}.>`,
      `$JS.API.CONSUMER.CREATE.${kvStream}`,
      `$JS.API.CONSUMER.CREATE.${kvStream}.>`,
      `$JS.API.CONSUMER.INFO.${kvStream}.>`,
      `$JS.API.CONSUMER.DELETE.${kvStream}.>`,
      `$JS.API.CONSUMER.MSG.NEXT.${kvStream}.>`,
      `$JS.API.CONSUMER.INFO.${eventsStream}.${eventsConsumer}`,
      `$JS.ACK.${kvStream}.>`,
      '$JS.FC.>',
      // Not `sign`: its answers hold Authorization values, which config-api can write and never read.
      requestSubjects.createSecret,
      requestSubjects.rotateSecret,
      requestSubjects.setAuthorization,
      requestSubjects.deleteSecrets,
      requestSubjects.ping,
      requestSubjects.sendExample,
      'postrider.dispatcher.v1.*',
      noticeSubjects.apiKeyChanged,
      noticeSubjects.statusAsked,
      // To the other instances of config-api, when they ask for the status.
      inboxOf('config_api'),
    ],
    subscribe: [
      inboxOf('config_api'),
      noticeSubjects.statusAsked,
      noticeSubjects.webhookDisabled,
      `${noticeSubjects.deliveriesChanged}.*`,
    ],
  },
  event_ingest: {
    publish: [
      '$JS.API.INFO',
      ...streamApi(eventsStream, eventsConsumer),
      `$JS.API.STREAM.CREATE.${laneStream}`,
      `$JS.API.STREAM.UPDATE.${laneStream}`,
      laneSubject,
      `$JS.API.STREAM.CREATE.${probeStream}`,
      `$JS.API.STREAM.UPDATE.${probeStream}`,
      `$JS.API.STREAM.INFO.${probeStream}`,
      probeSubject,
      answers,
    ],
    subscribe: [
      inboxOf('event_ingest'),
      kv,
      requestSubjects.ping,
      requestSubjects.operationalEvent,
      requestSubjects.sendExample,
      noticeSubjects.apiKeyChanged,
      noticeSubjects.statusAsked,
    ],
  },
  dispatcher: {
    publish: [
      '$JS.API.INFO',
      ...streamApi(laneStream, laneConsumer),
      requestSubjects.sign,
      requestSubjects.operationalEvent,
      noticeSubjects.webhookDisabled,
      noticeSubjects.deliveriesDue,
      noticeSubjects.dispatcherAlive,
      `${noticeSubjects.deliveriesChanged}.*`,
      answers,
    ],
    subscribe: [
      inboxOf('dispatcher'),
      kv,
      'postrider.dispatcher.v1.*',
      noticeSubjects.deliveriesDue,
      noticeSubjects.dispatcherAlive,
      noticeSubjects.statusAsked,
    ],
  },
  signer: {
    publish: [noticeSubjects.secretChanged, answers],
    subscribe: [
      inboxOf('signer'),
      'postrider.signer.v1.*',
      noticeSubjects.secretChanged,
      noticeSubjects.statusAsked,
    ],
  },
  publisher: {
    publish: [eventsSubjects, '$JS.API.INFO', `$JS.API.STREAM.INFO.${eventsStream}`, '$JS.API.STREAM.NAMES'],
    subscribe: ['_INBOX.>'],
  },
};
