// The same Id again within 72 h is the same event: one delivery per webhook, however often it is published.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AcceptedEvent } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import { Ingest, topic } from './ingest.js';
import { randomJson, seededRandom } from './random-json.js';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.addWebhook();
  await ingest.addWebhook({ Topics: ['*'] });
  await ingest.open();
});
afterAll(async () => ingest.close());

const event = (more: object = {}): object => ({ Topic: topic, Data: { JobId: '1' }, ...more });

async function isSettled(): Promise<void> {
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
}

test('published three times over HTTP: one event, one delivery per webhook', async () => {
  const body = event({ Id: 'thrice', CreatedAt: 5 });
  expect(await ingest.accept(body)).toEqual({ Id: 'thrice', Duplicate: false, Deliveries: 2 });
  expect(await ingest.accept(body)).toEqual({ Id: 'thrice', Duplicate: true, Deliveries: 2 });
  expect(await ingest.accept(body)).toEqual({ Id: 'thrice', Duplicate: true, Deliveries: 2 });
  expect(await ingest.deliveries('thrice')).toHaveLength(2);
});

test('published three times at once by many, over both doors: one event each', async () => {
  const ids = Array.from({ length: 150 }, (_, n) => `storm-${n}`);
  const rounds = [ids, [...ids].reverse(), ids];
  const replies = await Promise.all(
    rounds.flatMap((round, door) =>
      round.map(async (Id) => {
        if (door === 2) return ingest.publish({ Id, Data: { JobId: '1' } });
        return ingest.accept(event({ Id }));
      }),
    ),
  );
  await isSettled();
  const answers = replies.filter((reply): reply is AcceptedEvent => reply !== undefined);
  expect(answers.every(({ Deliveries }) => Deliveries === 2)).toBe(true);
  const stored = (await ingest.events()).filter(({ id }) => id.startsWith('storm-'));
  expect(stored.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const deliveries = (await ingest.deliveries()).filter((row) => row.event_id.startsWith('storm-'));
  expect(deliveries).toHaveLength(300);
  expect(new Set(ingest.lane.map(({ id }) => id)).size).toBe(ingest.lane.length);
  const rejected = await ingest.database.query('SELECT 1 FROM rejected_events');
  expect(rejected).toEqual([]);
});

test('arrays that take the same Ids in opposite orders at the same time do not wait for each other in a circle', async () => {
  const bodies = Array.from({ length: 60 }, (_, n) => event({ Id: `crossed-${n}` }));
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, n) => ingest.post(n % 2 === 0 ? bodies : [...bodies].reverse())),
  );
  expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(202));
  const first = replies.flatMap(({ body }) => body as AcceptedEvent[]).filter(({ Duplicate }) => !Duplicate);
  expect(first).toHaveLength(60);
});

describe('an Id stands for one content', () => {
  const first = {
    Id: 'content',
    Topic: topic,
    CreatedAt: 1000,
    Resource: 'JobExecution',
    Data: { a: 1, b: [1, { c: 'é' }] },
    PreviousData: { a: 0 },
    Actor: { Type: 'User', Id: 'u1' },
  };
  beforeAll(async () => {
    await ingest.accept(first);
  });

  test.each([
    ['Topic', { Topic: 'job.execution.succeeded' }],
    ['Resource', { Resource: 'Other' }],
    ['Resource missing', { Resource: null }],
    ['Data', { Data: { a: 1, b: [1, { c: 'e' }] } }],
    ['PreviousData', { PreviousData: { a: '0' } }],
    ['PreviousData missing', { PreviousData: null }],
    ['Actor', { Actor: { Type: 'User', Id: 'u2' } }],
    ['Actor missing', { Actor: null }],
    ['CreatedAt', { CreatedAt: 1001 }],
  ])('other %s: 409, and nothing is sent', async (_what, change) => {
    const reply = await ingest.post({ ...first, ...change });
    expect(reply).toMatchObject({
      status: 409,
      body: { code: 'event_id_reused', errors: [{ pointer: '/Id' }] },
    });
    expect(await ingest.deliveries('content')).toHaveLength(2);
  });

  test.each([
    [
      'other order of keys, escapes and number forms',
      '"Data":{"b":[1.0,{"c":"\\u00e9"}],"a":1e0},"PreviousData":{"a":-0},"CreatedAt":1000',
    ],
    ['no CreatedAt', '"Data":{"a":1,"b":[1,{"c":"é"}]},"PreviousData":{"a":0}'],
    [
      'UpdatedAt, which the first did not give',
      '"Data":{"a":1,"b":[1,{"c":"é"}]},"PreviousData":{"a":0},"UpdatedAt":77',
    ],
  ])('%s: the same event', async (_what, members) => {
    const reply = await ingest.post(
      `{"Id":"content","Topic":"${topic}",${members},"Resource":"JobExecution","Actor":{"Id":"u1","Type":"User"}}`,
    );
    expect(reply).toMatchObject({ status: 202, body: { Duplicate: true, Deliveries: 2 } });
  });

  test('another organization may use the same Id', async () => {
    const organizationId = await ingest.addOrganization();
    const reply = await ingest.post(event({ Id: 'content' }), { organizationId });
    expect(reply).toMatchObject({ status: 202, body: { Duplicate: false, Deliveries: 0 } });
  });

  test('over NATS, other content is kept as a rejected event, and the same is dropped', async () => {
    await ingest.publish({ ...first, Data: {} });
    const { Data, ...rest } = first;
    await ingest.publish({ Data, ...rest });
    const [rejected, ...others] = await ingest.rejections(1);
    await isSettled();
    expect(others).toEqual([]);
    expect(rejected).toMatchObject({
      organization_id: ingest.organizationId,
      event_id: 'content',
      code: 'event_id_reused',
      topic,
    });
    expect(await ingest.deliveries('content')).toHaveLength(2);
  });

  test('random JSON, written otherwise, is the same; changed, it is not', async () => {
    const random = seededRandom(20_260_729);
    for (let n = 0; n < 60; n += 1) {
      const json = randomJson(random);
      const body = (value: string) => `{"Id":"random-${n}","Topic":"${topic}","Data":{"v":${value}}}`;
      expect(await ingest.post(body(json.text))).toMatchObject({ status: 202, body: { Duplicate: false } });
      expect(await ingest.post(body(json.rewrite()))).toMatchObject({
        status: 202,
        body: { Duplicate: true },
      });
      expect(await ingest.post(body(json.change()))).toMatchObject({ status: 409 });
    }
  });
});

describe('an array is accepted as a whole', () => {
  test('repeats within it and of earlier events are answered as such', async () => {
    await ingest.accept(event({ Id: 'earlier' }));
    const reply = await ingest.post([
      event({ Id: 'new' }),
      event({ Id: 'earlier' }),
      event({ Id: 'new' }),
      event({ Id: 'earlier' }),
    ]);
    expect(reply.body).toEqual([
      { Id: 'new', Duplicate: false, Deliveries: 2 },
      { Id: 'earlier', Duplicate: true, Deliveries: 2 },
      { Id: 'new', Duplicate: true, Deliveries: 2 },
      { Id: 'earlier', Duplicate: true, Deliveries: 2 },
    ]);
    expect(await ingest.deliveries('new')).toHaveLength(2);
  });

  test('one Id that stands for other content refuses all of it', async () => {
    const reply = await ingest.post([
      event({ Id: 'whole-1' }),
      event({ Id: 'earlier', Resource: 'other' }),
      event({ Id: 'whole-2' }),
    ]);
    expect(reply).toMatchObject({ status: 409, body: { errors: [{ pointer: '/1/Id' }] } });
    const within = await ingest.post([
      event({ Id: 'whole-3' }),
      event({ Id: 'whole-4' }),
      event({ Id: 'whole-4', Resource: 'other' }),
    ]);
    expect(within).toMatchObject({ status: 409, body: { errors: [{ pointer: '/2/Id' }] } });
    const ids = await ingest.database.query('SELECT id FROM event_ids WHERE id LIKE $1', ['whole-%']);
    expect(ids).toEqual([]);
    expect((await ingest.events()).filter(({ id }) => id.startsWith('whole-'))).toEqual([]);
    expect(ingest.lane.filter((delivery) => delivery.event.id.startsWith('whole-'))).toEqual([]);
  });

  test('one event that is wrong refuses all of it', async () => {
    const reply = await ingest.post([event({ Id: 'whole-5' }), { Id: 'whole-6', Topic: topic }]);
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/1/Data' }] } });
    const ids = await ingest.database.query('SELECT id FROM event_ids WHERE id LIKE $1', ['whole-%']);
    expect(ids).toEqual([]);
  });
});

describe('after 72 h an Id is free again', () => {
  const age = (id: string, ms: number) =>
    ingest.database.query('UPDATE event_ids SET accepted_at = accepted_at - $2 WHERE id = $1', [id, ms]);

  test('a moment before, it is a duplicate; then it is a new event, and the first of its own 72 h', async () => {
    await ingest.accept(event({ Id: 'old' }));
    await age('old', 72 * 3_600_000 - 60_000);
    expect(await ingest.accept(event({ Id: 'old' }))).toMatchObject({ Duplicate: true });
    await age('old', 60_000);
    const other = event({ Id: 'old', Data: { now: 'something else' } });
    expect(await ingest.accept(other)).toEqual({ Id: 'old', Duplicate: false, Deliveries: 2 });
    expect(await ingest.accept(other)).toMatchObject({ Duplicate: true });
    expect((await ingest.post(event({ Id: 'old' }))).status).toBe(409);
    expect((await ingest.events()).filter(({ id }) => id === 'old')).toHaveLength(2);
    expect(await ingest.deliveries('old')).toHaveLength(4);
  });

  test('where the first event is gone with its day, its Id alone says that it is known', async () => {
    await ingest.accept(event({ Id: 'gone' }));
    await ingest.database.query('DELETE FROM events WHERE id = $1', ['gone']);
    expect(await ingest.accept(event({ Id: 'gone', Data: {} }))).toMatchObject({
      Duplicate: true,
      Deliveries: 2,
    });
  });
});
