// What each NATS user may touch, and all that it is tried on.
import {
  eventSubject,
  laneSubject,
  noticeSubjects,
  probeSubject,
  requestSubjects,
} from '@postrider/contracts';
import type { NatsUser } from '../src/users.js';
import { organization, topic } from './support.js';

/** An answer to a service: those that answer requests may send one. */
const answer = '_SVC.config_api.abc';
const configurationKv = `$KV.configuration.organizations.${organization}`;
export const may: Record<NatsUser, { publish: readonly string[]; subscribe: readonly string[] }> = {
  config_api: {
    publish: [
      configurationKv,
      // `sign` is the dispatcher's alone: its answers hold what nobody else may read; and so is what it tells of webhooks.
      ...Object.values(requestSubjects).filter(
        (subject) => subject !== requestSubjects.sign && subject !== requestSubjects.operationalEvent,
      ),
      noticeSubjects.apiKeyChanged,
      noticeSubjects.statusAsked,
      // Its own other instances ask it for the status.
      answer,
    ],
    subscribe: [
      noticeSubjects.webhookDisabled,
      noticeSubjects.statusAsked,
      `${noticeSubjects.deliveriesChanged}.*`,
      '_SVC.config_api.>',
    ],
  },
  event_ingest: {
    publish: [laneSubject, probeSubject, '$JS.API.CONSUMER.MSG.NEXT.EVENTS.event-ingest', answer],
    subscribe: [
      configurationKv,
      requestSubjects.ping,
      requestSubjects.operationalEvent,
      noticeSubjects.apiKeyChanged,
      noticeSubjects.statusAsked,
      '_SVC.event_ingest.>',
    ],
  },
  dispatcher: {
    publish: [
      requestSubjects.sign,
      requestSubjects.operationalEvent,
      '$JS.API.CONSUMER.MSG.NEXT.DELIVERIES.dispatcher',
      noticeSubjects.webhookDisabled,
      noticeSubjects.deliveriesDue,
      noticeSubjects.dispatcherAlive,
      `${noticeSubjects.deliveriesChanged}.${organization}`,
      answer,
    ],
    subscribe: [
      '_SVC.dispatcher.>',
      configurationKv,
      requestSubjects.resend,
      requestSubjects.releaseHeld,
      requestSubjects.holdPending,
      requestSubjects.cancelPending,
      noticeSubjects.deliveriesDue,
      noticeSubjects.dispatcherAlive,
      noticeSubjects.statusAsked,
    ],
  },
  signer: {
    publish: [noticeSubjects.secretChanged, answer],
    subscribe: [
      '_SVC.signer.>',
      requestSubjects.sign,
      requestSubjects.createSecret,
      requestSubjects.rotateSecret,
      requestSubjects.setAuthorization,
      requestSubjects.deleteSecrets,
      noticeSubjects.secretChanged,
      noticeSubjects.statusAsked,
    ],
  },
  publisher: { publish: [eventSubject(organization, topic)], subscribe: [] },
};

/** All that anybody may touch, and what nobody may. */
export const subjects = {
  publish: [
    ...new Set([
      ...Object.values(may).flatMap(({ publish }) => publish),
      ...Object.values(noticeSubjects),
      '$JS.API.STREAM.DELETE.EVENTS',
      '$JS.API.STREAM.PURGE.EVENTS',
      '$JS.API.STREAM.DELETE.DELIVERIES',
      '$JS.API.STREAM.DELETE.KV_configuration',
      '$JS.API.STREAM.CREATE.OTHER',
      '$JS.API.STREAM.MSG.GET.EVENTS',
      '$JS.API.CONSUMER.DELETE.EVENTS.event-ingest',
      '$JS.API.CONSUMER.CREATE.EVENTS.spy',
      '$JS.API.CONSUMER.DURABLE.CREATE.DELIVERIES.spy',
      '_INBOX.abc',
      '$JS.ACK.EVENTS.spy.1.1.1.1.1',
      'anything.else',
    ]),
  ],
  subscribe: [
    ...new Set([
      ...Object.values(may).flatMap(({ subscribe }) => subscribe),
      'postrider.events.v1.>',
      laneSubject,
      'postrider.>',
      '$JS.>',
      '$JS.API.>',
      '$SYS.>',
      '$KV.other.>',
      '_SVC.>',
      'events',
      'lane',
      '>',
    ]),
  ],
};
