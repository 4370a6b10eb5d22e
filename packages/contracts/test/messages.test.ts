import { describe, expect, test } from '@jest/globals';
import {
  bodyPrefix,
  bodySuffix,
  decodeFrame,
  decodeLaneMessage,
  decodeSignRequest,
  durationBucket,
  durationBucketsMs,
  encodeFrame,
  encodeLaneMessage,
  encodeSignRequest,
  errorCatalogue,
  eventText,
  fieldErrors,
  hasScope,
  histogramQuantile,
  parseConfigurationEntry,
  ProblemError,
  requestHeaders,
  serviceRequests,
  WebhookCreate,
} from '../src/index.js';

const ids = {
  organizationId: '0192f0c1-7a3b-7c4d-8e5f-0123456789ab',
  webhookId: '0192f0c1-7a3b-7c4d-8e5f-000000000001',
  deliveryId: '0192f0c1-7a3b-7c4d-8e5f-000000000002',
  attemptId: '0192f0c1-7a3b-7c4d-8e5f-000000000003',
  eventId: 'evt_1',
  topic: 'job.execution.failed',
};
const data = '{ "b":1,"a":12345678901234567890, "10":0, "2":"\\u0000\\ud800" }';
const text = Buffer.from(
  eventText({
    id: 'evt_1',
    topic: ids.topic,
    createdAt: 1,
    updatedAt: 2,
    organizationId: '0192f0c1-7a3b-7c4d-8e5f-0123456789ab',
    resource: 'Job"Execution',
    previousData: null,
    actor: { Type: 'User', Id: 'zażółć' },
    data,
  }),
);

test('a request body is the event as published and the metadata of its attempt, in the documented order', () => {
  const body = bodyPrefix(text).toString() + bodySuffix(ids);
  expect(body).toContain(`"Data":${data},"Metadata":`);
  const parsed = JSON.parse(body) as Record<string, unknown>;
  expect(Object.keys(parsed)).toEqual([
    'Id',
    'Topic',
    'CreatedAt',
    'UpdatedAt',
    'OrganizationId',
    'Resource',
    'PreviousData',
    'Actor',
    'Data',
    'Metadata',
  ]);
  expect(parsed['Metadata']).toEqual({
    Webhook: { Id: ids.webhookId },
    Delivery: { Id: ids.deliveryId },
    Attempt: { Id: ids.attemptId },
    Event: { Id: 'evt_1', Topic: ids.topic },
  });
});

test('a lane message carries the text of an event once and gives back what was put in', () => {
  const event = { organizationId: 'o', id: 'evt_1', topic: ids.topic, text };
  const deliveries = [1, 2, 3].map((n) => ({
    event,
    id: `d${n}`,
    webhookId: `w${n}`,
    leaseUntil: 1_700_000_000_000 + n,
    trigger: 'event' as const,
  }));
  const bytes = encodeLaneMessage(deliveries);
  expect(bytes.length).toBeLessThan(text.length * 2 + 400);
  const decoded = decodeLaneMessage(bytes);
  expect(decoded.map((delivery) => ({ ...delivery, event: delivery.event.text.toString() }))).toEqual(
    deliveries.map((delivery) => ({ ...delivery, event: text.toString() })),
  );
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a head that is longer than the frame', Buffer.from([0, 0, 0, 9, 123, 125])],
  ['a head that is no JSON', Buffer.from([0, 0, 0, 1, 123])],
  ['a head of another shape', encodeLaneMessage([]).fill(0x20, 5)],
  [
    'a text that is cut off',
    encodeLaneMessage([
      {
        event: { organizationId: 'o', id: 'e', topic: 't', text },
        id: 'd',
        webhookId: 'w',
        leaseUntil: 1,
        trigger: 'event',
      },
    ]).subarray(0, -1),
  ],
])('a lane message that is %s is refused', (_what, bytes) => {
  expect(() => decodeLaneMessage(bytes)).toThrow();
});

test('a sign request shares the bytes of an event among its deliveries', () => {
  const prefix = bodyPrefix(text);
  const items = [1, 2].map((n) => ({
    organizationId: 'o',
    webhookId: `w${n}`,
    secretVersion: n,
    messageId: 'evt_1',
    timestamp: 1_700_000_000,
    prefix,
    suffix: bodySuffix({ ...ids, webhookId: `w${n}` }),
  }));
  const bytes = encodeSignRequest(items);
  expect(bytes.length).toBeLessThan(prefix.length * 2 + 1200);
  expect(decodeSignRequest(bytes)).toEqual(items);
});

test('the headers stand in the documented order; Authorization only where configured', () => {
  const values = {
    ids,
    userAgent: 'Postrider/1',
    authorization: null,
    hubSignature: 'sha256=00',
    standardSignature: 'v1,x',
    timestamp: 5,
    attemptNumber: 2,
    trigger: 'retry' as const,
  };
  const names = (headers: string[]) => headers.filter((_, index) => index % 2 === 0);
  expect(names(requestHeaders(values))).not.toContain('Authorization');
  const withAuthorization = requestHeaders({ ...values, authorization: 'Bearer x' });
  expect(withAuthorization.slice(0, 6)).toEqual([
    'Content-Type',
    'application/json; charset=utf-8',
    'User-Agent',
    'Postrider/1',
    'Authorization',
    'Bearer x',
  ]);
});

test('quantiles from the histogram are off by at most one step', () => {
  const counts = new Array<number>(durationBucketsMs.length + 1).fill(0);
  const samples = Array.from({ length: 1000 }, (_, n) => n + 1);
  for (const sample of samples) {
    const bucket = durationBucket(sample);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  for (const q of [0.5, 0.95, 0.99]) {
    const exact = q * 1000;
    const read = histogramQuantile(counts, q) ?? 0;
    expect(read).toBeGreaterThanOrEqual(exact);
    expect(read).toBeLessThan(exact * 1.13);
  }
  expect(
    histogramQuantile(
      counts.map(() => 0),
      0.5,
    ),
  ).toBeNull();
  expect(durationBucket(10_000_000)).toBe(durationBucketsMs.length);
});

test('wrong fields are named by pointer, unknown ones by their own', () => {
  const result = WebhookCreate.safeParse({ Url: 5, Topics: [], Nope: 1, 'a/b': 1 });
  const errors = fieldErrors(result.error?.issues ?? []);
  expect(errors.map((error) => error.pointer).sort()).toEqual(['/Nope', '/Topics', '/Url', '/a~1b']);
});

test('a scope includes what product.md says and no more', () => {
  expect(hasScope(['webhooks:write'], 'webhooks:read')).toBe(true);
  expect(hasScope(['webhooks:read'], 'webhooks:write')).toBe(false);
  expect(hasScope(['deliveries:resend'], 'deliveries:read')).toBe(true);
  expect(hasScope(['keys:manage'], 'webhooks:read')).toBe(false);
});

test('every error code becomes a problem with its status', () => {
  for (const code of Object.keys(errorCatalogue) as (keyof typeof errorCatalogue)[]) {
    const problem = new ProblemError(code, 'detail').toProblem();
    expect(problem).toMatchObject({ code, status: errorCatalogue[code].status, detail: 'detail' });
  }
});

describe('a message of a later release, which has members that this one does not know', () => {
  const event = { organizationId: ids.organizationId, id: 'evt_1', topic: ids.topic, text };
  const delivery = {
    event,
    id: ids.deliveryId,
    webhookId: ids.webhookId,
    leaseUntil: 7,
    trigger: 'event' as const,
  };
  /** A frame whose head was changed. */
  const withHead = (bytes: Uint8Array, change: (head: Record<string, never[]>) => void): Buffer => {
    const { head, rest } = decodeFrame(bytes);
    change(head as Record<string, never[]>);
    return encodeFrame(head, [rest]);
  };
  const grown = (rows: readonly object[] | undefined) =>
    rows?.map((row) => ({ ...row, Later: { Than: 'this' } })) as never[];

  test('on the lane: reads as if they were not there', () => {
    const bytes = withHead(encodeLaneMessage([delivery]), (head) => {
      head['Events'] = grown(head['Events']);
      head['Deliveries'] = grown(head['Deliveries']);
      Object.assign(head, { Later: 1 });
    });
    expect(decodeLaneMessage(bytes)).toEqual([delivery]);
  });

  test('on the lane, with a value that this one does not know: refused, to come due by its lease', () => {
    const bytes = withHead(encodeLaneMessage([delivery]), (head) => {
      head['Deliveries'] = head['Deliveries']?.map((row: object) => ({
        ...row,
        Trigger: 'later',
      })) as never[];
    });
    expect(() => decodeLaneMessage(bytes)).toThrow();
  });

  test('in the configuration: the same', () => {
    const value = { Id: ids.organizationId, Deleted: false, Version: 3 };
    const key = `organizations.${ids.organizationId}`;
    expect(parseConfigurationEntry(key, { ...value, Later: [] })).toEqual({ kind: 'organization', value });
  });

  test.each(Object.entries(serviceRequests))(
    'in the request %s and its reply: the same',
    (_name, schemas) => {
      for (const schema of [schemas.request, schemas.reply]) {
        const refusals = schema.safeParse({ Later: 1 }).error?.issues ?? [];
        expect(refusals.filter(({ code }) => code === 'unrecognized_keys')).toEqual([]);
      }
    },
  );
});
