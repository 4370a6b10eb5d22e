// Server-sent events: who watches an organization sees its deliveries change, and nobody else's.
import { get, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { noticeSubjects, type LiveDeliveries } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { adminKey, startApi, type TestApi } from './support/api.js';
import { finishDelivery, seedDelivery, seedEvent } from './support/services.js';

let api: TestApi;
let dispatcher: Messaging;
let org: string;
let webhook: string;
const watchers: IncomingMessage[] = [];
beforeAll(async () => {
  api = await startApi();
  dispatcher = await Messaging.open({
    natsUrl: api.nats.urlFor('dispatcher'),
    name: 'dispatcher',
    onStatus: () => undefined,
  });
  org = await api.organization();
  webhook = (await api.webhook(org)).Id;
});
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.destroy();
});
afterAll(async () => {
  await dispatcher.close();
  await api.stop();
});

interface Watcher {
  readonly response: IncomingMessage;
  text(): string;
  changes(): LiveDeliveries[];
}

function watch(path: string, key = adminKey): Promise<Watcher> {
  return new Promise((resolve, reject) => {
    get(`${api.url}${path}`, { headers: { authorization: `Bearer ${key}` } }, (response) => {
      let text = '';
      watchers.push(response);
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => undefined);
      const changes = () =>
        [...text.matchAll(/^event: deliveries\ndata: (.*)$/gm)].map(
          ([, data]) => JSON.parse(data ?? '') as LiveDeliveries,
        );
      resolve({ response, text: () => text, changes });
    }).on('error', reject);
  });
}

const tell = (organization: string, ...DeliveryIds: string[]) =>
  dispatcher.publish(`${noticeSubjects.deliveriesChanged}.${organization}`, JSON.stringify({ DeliveryIds }));

async function finished(organization: string, webhookId: string): Promise<string> {
  const id = await seedDelivery(api.database, await seedEvent(api.database, organization), webhookId);
  await finishDelivery(api.database, id);
  return id;
}

/** A notice may come before NATS knows of the subscription: it is told until it is heard. */
const heard = (watcher: Watcher, ...ids: string[]) =>
  waitFor('the change', () => {
    tell(org, ...ids);
    return watcher.changes().find(({ Data }) => ids.every((id) => Data.some(({ Id }) => Id === id)));
  });

test('a change is told as the delivery is now', async () => {
  const watcher = await watch(`/v1/organizations/${org}/live`);
  expect(watcher.response.statusCode).toBe(200);
  expect(watcher.response.headers['content-type']).toContain('text/event-stream');
  const id = await finished(org, webhook);
  const change = await heard(watcher, id);
  expect(change.Data).toEqual([
    expect.objectContaining({ Id: id, Status: 'Succeeded', LastStatusCode: 200 }),
  ]);
});

test('of other organizations and other webhooks nothing is told', async () => {
  const other = await api.organization('Other');
  const foreign = await finished(other, (await api.webhook(other)).Id);
  const second = (await api.webhook(org)).Id;
  const [all, one] = await Promise.all([
    watch(`/v1/organizations/${org}/live`),
    watch(`/v1/organizations/${org}/live?WebhookId=${second}`),
  ]);
  const [mine, wanted] = [await finished(org, webhook), await finished(org, second)];
  tell(other, foreign);
  // An id of another organization under this one's subject is not found.
  await heard(all, mine, wanted);
  tell(org, foreign, mine);
  await heard(one, wanted);
  expect(all.text()).not.toContain(foreign);
  expect(one.text()).not.toContain(mine);
});

test('a flood is told as a number', async () => {
  const watcher = await watch(`/v1/organizations/${org}/live`);
  const ids = Array.from({ length: 500 }, () => newId());
  const flood = await waitFor('the flood', () => {
    tell(org, ...ids);
    return watcher.changes().find(({ More }) => More >= 400);
  });
  expect(flood.Data).toEqual([]);
});

test('what is no notice harms nobody', async () => {
  const watcher = await watch(`/v1/organizations/${org}/live`);
  for (const junk of ['', 'no JSON', '{"DeliveryIds":["x"]}', 'null']) {
    dispatcher.publish(`${noticeSubjects.deliveriesChanged}.${org}`, junk);
  }
  await heard(watcher, await finished(org, webhook));
});

test('at most 50 watch an organization', async () => {
  const all = await Promise.all(Array.from({ length: 51 }, () => watch(`/v1/organizations/${org}/live`)));
  const statuses = all.map(({ response }) => response.statusCode ?? 0).sort();
  expect(statuses.slice(-1)).toEqual([429]);
  expect(statuses.filter((status) => status === 200)).toHaveLength(50);
  for (const { response } of all) response.destroy();
  // Those that go make room.
  await waitFor(
    'room',
    async () => (await watch(`/v1/organizations/${org}/live`)).response.statusCode === 200,
  );
});
