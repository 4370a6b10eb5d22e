// AsyncAPI of what the services tell and ask each other.
import { noticeSubjects, requestSubjects, type RequestName } from '../subjects.js';
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

type Service = 'config-api' | 'event-ingest' | 'dispatcher' | 'signer';

interface Notice {
  readonly schema: string | null;
  readonly from: readonly Service[];
  readonly to: readonly Service[];
  readonly says: string;
  /** Schema of what each that hears it answers. */
  readonly reply?: string;
}

const notices: Readonly<Record<keyof typeof noticeSubjects, Notice>> = {
  secretChanged: {
    schema: noticeSubjects.secretChanged,
    from: ['signer'],
    to: ['signer'],
    says: 'A secret or an Authorization value has changed: signers drop what they remember of it.',
  },
  webhookDisabled: {
    schema: noticeSubjects.webhookDisabled,
    from: ['dispatcher'],
    to: ['config-api'],
    says: 'The dispatcher has disabled a webhook: its configuration is published anew.',
  },
  apiKeyChanged: {
    schema: noticeSubjects.apiKeyChanged,
    from: ['config-api'],
    to: ['event-ingest'],
    says: 'An API key was changed or deleted: whoever remembers it forgets it.',
  },
  deliveriesDue: {
    schema: null,
    from: ['dispatcher'],
    to: ['dispatcher'],
    says: 'There is something due at once: claimers look now.',
  },
  dispatcherAlive: {
    schema: noticeSubjects.dispatcherAlive,
    from: ['dispatcher'],
    to: ['dispatcher'],
    says: 'A dispatcher is at work, or stops: those at work share the rate limits of webhooks.',
  },
  statusAsked: {
    schema: null,
    from: ['config-api'],
    to: ['config-api', 'event-ingest', 'dispatcher', 'signer'],
    says: 'config-api asks every instance of every service how it is; each answers.',
    reply: `${noticeSubjects.statusAsked}.reply`,
  },
  deliveriesChanged: {
    schema: noticeSubjects.deliveriesChanged,
    from: ['dispatcher'],
    to: ['config-api'],
    says: 'Deliveries of an organization have changed: for the live stream.',
  },
};

/** Who asks; who answers stands in the subject. */
const askers: Readonly<Record<RequestName, readonly Service[]>> = {
  sign: ['dispatcher'],
  createSecret: ['config-api'],
  rotateSecret: ['config-api'],
  setAuthorization: ['config-api'],
  deleteSecrets: ['config-api'],
  ping: ['config-api'],
  operationalEvent: ['dispatcher'],
  sendExample: ['config-api'],
  resend: ['config-api'],
  releaseHeld: ['config-api'],
  holdPending: ['config-api'],
  sendConfirmation: ['config-api'],
  cancelPending: ['config-api'],
};

export function requests(): Part[] {
  return (Object.entries(requestSubjects) as [RequestName, string][]).map(([name, subject]) => {
    const answerer = subject.split('.')[1] ?? '';
    const isSign = name === 'sign';
    const schemas = isSign
      ? { request: `${subject}.request.head`, reply: `${subject}.reply` }
      : { request: `${subject}.request`, reply: `${subject}.reply` };
    const replies = `${name}.reply`;
    return {
      channels: {
        [name]: {
          address: subject,
          title: subject,
          description: `Request, answered by one ${answerer}; asked by ${askers[name].join(', ')}.`,
          messages: { request: messageRef(`${name}.request`) },
        },
        [replies]: replyChannel(subject, replies),
      },
      operations: {
        [name]: {
          action: 'receive',
          channel: channelRef(name),
          title: subject,
          description: `${answerer} answers ${name}.`,
          messages: [onChannel(name, 'request')],
          reply: { channel: channelRef(replies), messages: [onChannel(replies, 'reply')] },
        },
      },
      messages: {
        [`${name}.request`]: {
          name: `${name}.request`,
          title: `Request ${name}`,
          ...(isSign
            ? { contentType: framed, summary: 'Head of a frame; the bodies to sign follow it.' }
            : {}),
          payload: schemaRef(schemas.request),
        },
        [replies]: {
          name: replies,
          title: `Reply to ${name}`,
          ...(isSign ? {} : { summary: 'In an envelope: `Ok`, and `Body` or `Code` and `Detail`.' }),
          payload: isSign ? schemaRef(schemas.reply) : inEnvelope(schemas.reply),
        },
      },
      schemas: [schemas.request, schemas.reply],
    };
  });
}

const replyChannel = (subject: string, message: string): Json => ({
  address: null,
  title: `Reply of ${subject}`,
  description: 'The inbox that the request names.',
  messages: { reply: messageRef(message) },
});

/** ReplyEnvelope (service-requests.ts) with its body. */
function inEnvelope(reply: string): Json {
  return {
    oneOf: [
      {
        type: 'object',
        required: ['Ok', 'Body'],
        properties: { Ok: { const: true }, Body: schemaRef(reply) },
      },
      {
        type: 'object',
        required: ['Ok', 'Code', 'Detail'],
        properties: { Ok: { const: false }, Code: { type: 'string' }, Detail: { type: 'string' } },
      },
    ],
  };
}

export function announcements(): Part[] {
  return Object.entries(notices).map(([name, { schema, from, to, says, reply }]) => {
    const replies = `${name}.reply`;
    const subject = noticeSubjects[name as keyof typeof noticeSubjects];
    const isByOrganization = name === 'deliveriesChanged';
    const told = (action: 'send' | 'receive', who: readonly Service[]): Json => ({
      action,
      channel: channelRef(name),
      title: subject,
      description: `${who.join(', ')} ${action === 'send' ? 'tells' : 'hears'} it.`,
      messages: [onChannel(name, 'notice')],
    });
    return {
      channels: {
        [name]: {
          address: isByOrganization ? `${subject}.{OrganizationId}` : subject,
          title: subject,
          description: `${says} At most once: who misses it finds the same in PostgreSQL.`,
          ...(isByOrganization ? { parameters: organizationParameter } : {}),
          messages: { notice: messageRef(`${name}.notice`) },
        },
        ...(reply === undefined ? {} : { [replies]: replyChannel(subject, replies) }),
      },
      operations: {
        [`tell.${name}`]: told('send', from),
        [`hear.${name}`]: {
          ...told('receive', to),
          ...(reply === undefined
            ? {}
            : { reply: { channel: channelRef(replies), messages: [onChannel(replies, 'reply')] } }),
        },
      },
      messages: {
        [`${name}.notice`]: {
          name: `${name}.notice`,
          title: `Notice ${name}`,
          payload: schema === null ? { type: 'object', description: 'Empty.' } : schemaRef(schema),
        },
        ...(reply === undefined
          ? {}
          : { [replies]: { name: replies, title: `Answer to ${name}`, payload: schemaRef(reply) } }),
      },
      schemas: [schema, reply].filter((one) => typeof one === 'string'),
    };
  });
}
