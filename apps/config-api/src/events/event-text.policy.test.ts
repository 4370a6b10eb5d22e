import { expect, test } from '@jest/globals';
import { eventText, type EventEnvelope } from '@postrider/contracts';
import { readEventText } from './event-text.policy.js';

const envelope: EventEnvelope = {
  id: 'e-1',
  topic: 'a.b',
  createdAt: 1,
  updatedAt: 2,
  organizationId: '0192f0c1-7a3b-7c4d-8e5f-0123456789ab',
  resource: null,
  previousData: null,
  actor: null,
  data: '{}',
};

const origin = {
  Id: 'x',
  Source: '/s',
  Subject: 'é "',
  DataSchema: null,
  Extensions: { a: '}', b: 1, c: false },
};

test.each<Partial<EventEnvelope>>([
  {},
  { data: '{"a":1e400,"b":12345678901234567890,"b":{"c":[1,2,{"d":"}"}]}}' },
  { data: ' {\n "x" : "\\u0000\\ud83d" }' },
  { data: '{"Metadata":{"Data":{}},"Actor":{}}' },
  { previousData: '{}' },
  { previousData: '{"a":"\\\\","b":"\\"}],"}' },
  { previousData: '{"a":[[[{"b":"]"}]]],"Data":{"c":1}}', data: '{"Actor":{"Type":"x"}}' },
  { actor: { Type: 'User', Id: '","Data":{"x":1}}' } },
  { actor: { Type: '}', Id: '\\' }, previousData: '{"Actor":1}', resource: '","PreviousData":{' },
  { resource: 'Ü "quoted" \\ 💩' },
  { cloudEvent: { ...origin, Id: '","Data":{}', Source: '}],"CloudEvent":' } },
  { cloudEvent: origin, actor: { Type: 'a', Id: '"CloudEvent":{' }, data: '{"CloudEvent":{"Id":"x"}}' },
])('%j is read back as it was written', (fields) => {
  const written = { ...envelope, ...fields };
  expect(readEventText(eventText(written))).toEqual({
    createdAt: 1,
    updatedAt: 2,
    resource: written.resource,
    actor: written.actor,
    cloudEvent: written.cloudEvent ?? null,
    previousData: written.previousData ?? 'null',
    data: written.data,
  });
});

test('256 KiB of anything is read in one go', () => {
  for (const piece of ['{"a":', '"\\\\', '[1,', '\\"']) {
    const text = piece.repeat(Math.floor(262_144 / piece.length));
    const data = JSON.stringify({ text });
    expect(readEventText(eventText({ ...envelope, data, previousData: data })).data).toBe(data);
  }
});

test.each(['', '{}', '{"Id":"e"}', eventText(envelope).replace('"Data"', '"Date"')])(
  '%j is no event',
  (text) => {
    expect(() => readEventText(text)).toThrow();
  },
);
