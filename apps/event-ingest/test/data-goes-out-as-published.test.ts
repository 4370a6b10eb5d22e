// Same keys in the same order, every digit, every escape, the white space inside: from either door into the events table
// and the fast lane, byte for byte.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventText } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import { Ingest, topic } from './ingest.js';
import { randomJson, seededRandom } from './random-json.js';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.addWebhook();
  await ingest.open();
});
afterAll(async () => ingest.close());

interface Sent {
  readonly id: string;
  readonly body: string;
  readonly text: string;
}

function makeEvents(seed: number, prefix: string): Sent[] {
  const random = seededRandom(seed);
  const space = () => ['', ' ', '\r\n', '\t'][random(4)] ?? '';
  return Array.from({ length: 250 }, (_, n) => {
    const id = `${prefix}-${n}`;
    const data = `{${space()}"v":${randomJson(random).text}${space()},"w":${randomJson(random).text}}`;
    const previousData = random(2) === 0 ? `{"p":${randomJson(random).text}}` : null;
    const actor = random(3) === 0 ? { Type: 'User', Id: `Zoë-${n}` } : null;
    const members = [
      `"Id":"${id}"`,
      `"Topic":${space()}"${topic}"`,
      `"CreatedAt":${n}`,
      `${space()}"Data"${space()}:${space()}${data}${space()}`,
      ...(previousData === null ? [] : [`"PreviousData":${previousData}`]),
      ...(actor === null ? [] : [`"Actor":${JSON.stringify(actor)}`]),
    ];
    for (let i = members.length - 1; i > 0; i -= 1) {
      const j = random(i + 1);
      [members[i], members[j]] = [members[j] ?? '', members[i] ?? ''];
    }
    const text = eventText({
      id,
      topic,
      createdAt: n,
      updatedAt: n,
      organizationId: ingest.organizationId,
      resource: null,
      previousData,
      actor,
      data,
    });
    return { id, body: `${space()}{${members.join(`,${space()}`)}}${space()}`, text };
  });
}

async function expectAsPublished(sent: readonly Sent[]): Promise<void> {
  const stored = new Map((await ingest.events()).map(({ id, text }) => [id, text]));
  for (const { id, text } of sent) expect(stored.get(id)).toBe(text);
  await waitFor('the lane', () => sent.every(({ id }) => ingest.lane.some(({ event }) => event.id === id)));
  const handedOn = new Map(ingest.lane.map(({ event }) => [event.id, event.text.toString('utf8')]));
  for (const { id, text } of sent) expect(handedOn.get(id)).toBe(text);
}

test.each([1, 20_260_729])('over HTTP, alone and in arrays (seed %p)', async (seed) => {
  const sent = makeEvents(seed, `http-${seed}`);
  const alone = sent.slice(0, 150);
  const replies = await Promise.all(alone.map(({ body }) => ingest.post(body)));
  expect(replies.filter(({ status }) => status !== 202)).toEqual([]);
  const array = sent.slice(150);
  const reply = await ingest.post(`[${array.map(({ body }) => body).join(',')}]`);
  expect(reply.status).toBe(202);
  await expectAsPublished(sent);
});

test.each([2, 42_424_242])('over NATS (seed %p)', async (seed) => {
  const sent = makeEvents(seed, `nats-${seed}`);
  await Promise.all(sent.map(({ body }) => ingest.publish(body)));
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
  await expectAsPublished(sent);
});
