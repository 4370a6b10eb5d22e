// CloudEvents 1.0 as events: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, docs/adr/0016.
import { TopicName, type CloudEventOrigin, type ErrorCode, type FieldError } from '@postrider/contracts';
import { hash } from 'node:crypto';
import type { IncomingEvent } from '../shared/event.js';
import type { EventJson, JsonSlice, TextMembers } from './event-json.policy.js';
import { judgeEvent, type EventJudgement, type EventSurroundings } from './judge-event.js';

/** The members of the JSON format (and the attributes in binary mode) that are not kept as extensions. */
const known = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'dataschema',
  'datacontenttype',
]);
export const cloudEventMembers: TextMembers = { data: 'data', previousData: null };
const plainId = /^[A-Za-z0-9_-]{1,64}$/;
const maxText = 1_024;
/** Of all that is kept besides the data: it goes out with every request. */
const maxOriginCharacters = 8_192;
const noData: JsonSlice = { text: '{}', kind: 'object' };

/** `base` stands before the pointers, which name the CloudEvent's attributes. */
export function judgeCloudEvent(
  { data, members, keys }: Pick<EventJson, 'data' | 'members' | 'keys'>,
  surroundings: EventSurroundings,
  base = '',
): EventJudgement {
  // null is the same as not there (JSON format 1.0, section 2.2).
  const attributes = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  const errors = attributeErrors(attributes);
  if (errors.length > 0) return { problem: { code: 'invalid_fields', errors: below(base, errors) } };
  const origin = originOf(attributes);
  if (JSON.stringify(origin).length > maxOriginCharacters) {
    const detail = `must be at most ${maxOriginCharacters} characters besides its data`;
    return { problem: { code: 'invalid_fields', errors: [{ pointer: base, detail }] } };
  }
  const time = attributes['time'] as string | undefined;
  const judgement = judgeEvent(
    {
      // Its attributes have a limit of their own.
      text: data?.text ?? '',
      data: data === undefined || data.kind === 'null' ? noData : data,
      previousData: undefined,
      members: {
        Id: eventIdOf(origin),
        Topic: attributes['type'],
        ...(time === undefined ? {} : { CreatedAt: Date.parse(time) }),
      },
      keys,
    },
    surroundings,
  );
  if ('event' in judgement) return { event: { ...judgement.event, cloudEvent: origin } };
  const { code, errors: found } = judgement.problem;
  const renamed = found.map((error) => ({ ...error, pointer: cloudEventPointer(error.pointer ?? '') }));
  return { problem: { code, errors: below(base, renamed) } };
}

/** The pointer into the event as it was published. */
export function pointerOf(event: IncomingEvent, pointer: string): string {
  return event.cloudEvent === undefined ? pointer : cloudEventPointer(pointer);
}

function cloudEventPointer(pointer: string): string {
  return pointer
    .replace(/^\/Topic$/, '/type')
    .replace(/^\/Id$/, '/id')
    .replace(/^\/CreatedAt$/, '/time')
    .replace(/^\/Data(?=\/|$)/, '/data');
}

/**
 * An `id` that an Id may be is the Id. Any other is hashed together with its `source`, which is what makes an event of
 * CloudEvents the same event.
 */
export function eventIdOf({ Id, Source }: Pick<CloudEventOrigin, 'Id' | 'Source'>): string {
  return plainId.test(Id) ? Id : `ce_${hash('sha256', `${Source}\n${Id}`, 'base64url')}`;
}

function originOf(attributes: Readonly<Record<string, unknown>>): CloudEventOrigin {
  return {
    Id: attributes['id'] as string,
    Source: attributes['source'] as string,
    Subject: (attributes['subject'] as string | undefined) ?? null,
    DataSchema: (attributes['dataschema'] as string | undefined) ?? null,
    Extensions: Object.fromEntries(
      Object.entries(attributes).filter(([name]) => !known.has(name)),
    ) as CloudEventOrigin['Extensions'],
  };
}

function attributeErrors(attributes: Readonly<Record<string, unknown>>): FieldError[] {
  const errors: FieldError[] = [];
  const judge = (
    name: string,
    isRequired: boolean,
    detail: string,
    isGood: (text: string) => boolean,
  ): void => {
    const value = attributes[name];
    if (value === undefined && !isRequired) return;
    if (typeof value === 'string' && isGood(value)) return;
    errors.push({ pointer: `/${name}`, detail: value === undefined ? `is required: it ${detail}` : detail });
  };
  judge('specversion', true, 'must be "1.0"', (text) => text === '1.0');
  judge('id', true, `must be a text of 1..${maxText} characters`, isText);
  judge('source', true, `must be a URI reference of 1..${maxText} characters`, isText);
  judge(
    'type',
    true,
    'is taken as the topic: it must be 1..8 words of A-Z, a-z, 0-9, _ and -, separated by full stops',
    (text) => TopicName.safeParse(text).success,
  );
  judge('time', false, 'must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z, from 1970 on', isTime);
  judge('subject', false, `must be a text of 1..${maxText} characters`, isText);
  judge('dataschema', false, `must be a URI of 1..${maxText} characters`, isText);
  judge('datacontenttype', false, 'must be JSON (application/json), as Data is', isJsonType);
  for (const [name, value] of Object.entries(attributes)) {
    if (!known.has(name)) errors.push(...extensionErrors(name, value));
  }
  return errors;
}

function extensionErrors(name: string, value: unknown): FieldError[] {
  const pointer = `/${name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (name === 'data_base64') return [{ pointer, detail: 'is binary: send a JSON object as data' }];
  if (!/^[a-z0-9]{1,64}$/.test(name)) {
    return [{ pointer, detail: 'is no name of an attribute: 1..64 characters of a-z and 0-9' }];
  }
  const isGood =
    typeof value === 'string' ? value === '' || isText(value) : typeof value === 'boolean' || isInt32(value);
  return isGood
    ? []
    : [{ pointer, detail: `must be a text of at most ${maxText} characters, a boolean or an integer` }];
}

function isText(text: string): boolean {
  return text.trim() !== '' && text.length <= maxText && !/\p{Cc}/u.test(text) && text.isWellFormed();
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 2_147_483_648;
}

function isTime(text: string): boolean {
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(text);
  return isRfc3339 && Date.parse(text) >= 0;
}

function isJsonType(text: string): boolean {
  return /^[\w.+-]+\/(?:[\w.+-]+\+)?json *(?:;.*)?$/i.test(text);
}

function below(base: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map(({ pointer = '', detail }) => ({ pointer: base + pointer, detail }));
}

/** What is no CloudEvent that can be taken, whatever stands in it. */
export const unknownFormat: { readonly code: ErrorCode; readonly detail: string } = {
  code: 'unsupported_media_type',
  detail: 'of the formats of CloudEvents JSON is taken: application/cloudevents+json',
};
