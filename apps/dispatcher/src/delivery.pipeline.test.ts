// The pipeline with its real stages; the signer, the clock of leases and the database are the test's.
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeSignRequest, type WebhookConfiguration } from '@postrider/contracts';
import { startReceiver, waitFor, type Receiver } from '@postrider/test-kit';
import { localRules, makeConnections } from '../test/sender.js';
import { makeTask, makeWebhook } from '../test/makers.js';
import { Admission } from './admit/admission.js';
import { EndpointBook } from './deliver/endpoint-book.js';
import { HttpClient } from './deliver/http-client.js';
import { DeliveryPipeline } from './delivery.pipeline.js';
import { MessageSender } from './message-sender.js';
import { Batcher } from './record/batcher.js';
import type { DeliveryMove } from './record/move-deliveries.js';
import type { AttemptOutcome } from './record/outcome.js';
import { SignBatcher } from './sign/sign-batcher.js';
import type { DeliveryTask } from './task.js';
import { WebhookCopy } from './webhook-copy.js';

interface Desk {
  readonly pipeline: DeliveryPipeline;
  readonly webhooks: WebhookCopy;
  readonly outcomes: AttemptOutcome[];
  readonly moves: DeliveryMove[];
  readonly dropped: DeliveryTask[];
  readonly gone: string[];
  readonly tooMany: string[];
  readonly digests: number[];
  readonly errors: string[];
  readonly admission: Admission;
  /** Added to the clock of the database. */
  laterMs: number;
  /** Awaited before the signer answers. */
  beforeSigning: () => Promise<void>;
}

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const signAll = (request: Uint8Array): Uint8Array => {
  const signature = { HubSignature: 'sha256=1', StandardSignature: 'v1,1', Authorization: null };
  return Buffer.from(JSON.stringify({ Items: decodeSignRequest(request).map(() => signature) }));
};
const into = <T>(list: T[]): Batcher<T> =>
  new Batcher<T>({
    maxBatch: 500,
    maxAgeMs: 20,
    parallel: 1,
    write: async (batch) => void list.push(...batch),
    onError: () => undefined,
  });

function makeDesk(load: () => Promise<WebhookConfiguration | null> = async () => null): Desk {
  const connections = makeConnections();
  const endpoints = new EndpointBook(localRules);
  const http = new HttpClient(connections);
  const lists = { outcomes: [], moves: [], dropped: [], gone: [], tooMany: [], digests: [], errors: [] };
  const found: Pick<Desk, 'outcomes' | 'moves' | 'dropped' | 'gone' | 'tooMany' | 'digests' | 'errors'> =
    lists;
  const webhooks = new WebhookCopy({ load });
  const admission: Admission = new Admission({
    maxPerOrganization: 1_000,
    maxPerOrigin: 256,
    originOf: () => null,
    patienceMs: () => 1_000,
    maxInFlight: 100,
    dispatchers: () => 1,
    now: Date.now,
    random: () => 0.5,
    isLeaseGood: (admitted) => pipeline.isLeaseGood(admitted),
    start: (admitted) => pipeline.start(admitted),
    park: (admitted, delayMs) => pipeline.park(admitted, delayMs),
    drop: ({ task }) => {
      found.dropped.push(task);
      pipeline.giveUp(task);
    },
  });
  const pipeline: DeliveryPipeline = new DeliveryPipeline({
    webhooks,
    admission,
    signer: new SignBatcher({
      ask: async (request) => {
        await desk.beforeSigning();
        return signAll(request);
      },
      maxInFlight: 8,
      onError: () => found.errors.push('not signed'),
    }),
    endpoints,
    http,
    messages: new MessageSender({ endpoints, http, mail: null, version: '1' }),
    outcomes: into(found.outcomes),
    moves: into(found.moves),
    databaseNow: () => Date.now() + desk.laterMs,
    random: () => 0.5,
    version: '1',
    onAttempt: () => undefined,
    onExpired: () => undefined,
    onGone: async ({ Id }) => void found.gone.push(Id),
    onDigest: (_webhook, deliveries) => void found.digests.push(deliveries),
    onTooMany: ({ Id }) => void found.tooMany.push(Id),
    onError: (what) => found.errors.push(what),
  });
  const desk: Desk = {
    ...found,
    pipeline,
    webhooks,
    admission,
    laterMs: 0,
    beforeSigning: async () => undefined,
  };
  cleanUps.push(
    () => connections.close(),
    () => void admission.close(),
  );
  return desk;
}

async function serve(): Promise<Receiver> {
  const receiver = await startReceiver();
  cleanUps.push(() => receiver.stop());
  return receiver;
}

function know(
  desk: Desk,
  receiver: Receiver,
  changes: Partial<WebhookConfiguration> = {},
): WebhookConfiguration {
  const webhook = makeWebhook({ Url: receiver.url, ...changes });
  desk.webhooks.apply({ kind: 'webhook', value: webhook });
  return webhook;
}

describe('a webhook that is not known yet', () => {
  test('is looked up once for all that ask, and its deliveries go out', async () => {
    const receiver = await serve();
    const webhook = makeWebhook({ Url: receiver.url });
    let lookups = 0;
    const desk = makeDesk(async () => {
      lookups += 1;
      return webhook;
    });
    for (let count = 0; count < 3; count += 1) desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    await waitFor('three outcomes', () => desk.outcomes.length === 3);
    expect([lookups, receiver.requests.length]).toEqual([1, 3]);
  });

  test('and is not there at all: cancelled', async () => {
    const desk = makeDesk();
    desk.pipeline.accept(makeTask());
    await waitFor('the move', () => desk.moves.length === 1);
    expect(desk.moves[0]?.to).toEqual({ status: 'Cancelled' });
  });

  test('and can not be looked up: the delivery is left to its lease', async () => {
    const desk = makeDesk(async () => {
      throw new Error('away');
    });
    desk.pipeline.accept(makeTask());
    await waitFor('the error', () => desk.errors.length === 1);
    expect([desk.moves, desk.outcomes, desk.admission.held]).toEqual([[], [], 0]);
  });
});

describe('the lease', () => {
  const givenUp = { status: 'Pending', delayMs: 1_000 };

  test('one that does not cover the attempt: nothing is sent, and PostgreSQL has the delivery at once', async () => {
    const receiver = await serve();
    const desk = makeDesk();
    const webhook = know(desk, receiver, { TimeoutSeconds: 15 });
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id, leaseUntil: Date.now() + 14_900 }));
    expect(desk.admission.held).toBe(0);
    await waitFor('the move', () => desk.moves.length === 1);
    expect([desk.moves[0]?.to, receiver.requests]).toEqual([givenUp, []]);
  });

  test('one that is over already is left alone: the delivery may be with somebody else', async () => {
    const receiver = await serve();
    const desk = makeDesk();
    const webhook = know(desk, receiver);
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id, leaseUntil: Date.now() - 1 }));
    const other = makeTask({ webhookId: webhook.Id });
    desk.pipeline.accept(other);
    await waitFor('the other', () => desk.outcomes.length === 1);
    expect([desk.moves, desk.outcomes[0]?.deliveryId]).toEqual([[], other.deliveryId]);
  });

  test('one that runs out while the signer thinks: nothing is sent, and the place is free again', async () => {
    const receiver = await serve();
    const desk = makeDesk();
    const webhook = know(desk, receiver, { TimeoutSeconds: 15 });
    desk.beforeSigning = async () => {
      desk.laterMs = 10_500;
    };
    const task = makeTask({ webhookId: webhook.Id });
    desk.pipeline.accept(task);
    await waitFor('the move', () => desk.moves.length === 1);
    expect(desk.dropped).toEqual([task]);
    expect(desk.moves[0]).toMatchObject({ deliveryId: task.deliveryId, to: givenUp });
    expect([desk.admission.held, desk.outcomes, receiver.requests]).toEqual([0, [], []]);
  });
});

describe('what changes while a delivery waits or is under way', () => {
  const changeWhileWaiting = async (
    changes: Partial<WebhookConfiguration>,
  ): Promise<Desk & { path?: string }> => {
    const receiver = await serve();
    const desk = makeDesk();
    const webhook = know(desk, receiver, { RateLimitPerSecond: 2 });
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    expect(desk.admission.waiting).toBe(1);
    const value = { ...webhook, Url: `${receiver.url}/new`, ...changes, Version: 2 };
    desk.webhooks.apply({ kind: 'webhook', value });
    await waitFor('both to end', () => desk.outcomes.length + desk.moves.length === 2);
    expect(desk.admission.held).toBe(0);
    const path = receiver.requests[1]?.path;
    return { ...desk, ...(path === undefined ? {} : { path }) };
  };

  test('a new URL is used', async () => {
    expect((await changeWhileWaiting({})).path).toBe('/new');
  });

  test.each([
    [{ State: 'paused' as const }, 'Held'],
    [{ State: 'disabled' as const }, 'Cancelled'],
    [{ Deleted: true }, 'Cancelled'],
  ])('%j: what waits is %s', async (changes, status) => {
    const { moves, path } = await changeWhileWaiting(changes);
    expect([moves.map(({ to }) => to), path]).toEqual([[{ status }], undefined]);
  });

  test('an older configuration that comes late changes nothing', () => {
    const desk = makeDesk();
    const webhook = makeWebhook({ Version: 5 });
    desk.webhooks.apply({ kind: 'webhook', value: webhook });
    desk.webhooks.apply({ kind: 'webhook', value: { ...webhook, State: 'paused', Version: 4 } });
    expect(desk.webhooks.get(webhook.Id)).toBe(webhook);
  });
});

test('what the signer does not sign waits a moment in PostgreSQL and counts no attempt', async () => {
  const receiver = await serve();
  const desk = makeDesk();
  const webhook = know(desk, receiver);
  desk.beforeSigning = () => Promise.reject(new Error('no responders'));
  desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
  await waitFor('the move', () => desk.moves.length === 1);
  expect(desk.moves[0]?.to).toEqual({ status: 'Pending', delayMs: 2_000 });
  expect([desk.outcomes, desk.errors, desk.admission.held]).toEqual([[], ['not signed'], 0]);
});

test('410: first the webhook, then the record', async () => {
  const receiver = await serve();
  receiver.respond({ status: 410 });
  const desk = makeDesk();
  const webhook = know(desk, receiver);
  desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
  await waitFor('the outcome', () => desk.outcomes.length === 1);
  expect(desk.gone).toEqual([webhook.Id]);
  expect(desk.outcomes[0]?.status).toBe('Failed');
});

describe('a drain', () => {
  test('hands back what waits, ends what is under way and waits for its record', async () => {
    const receiver = await serve();
    const answers: (() => void)[] = [];
    receiver.respond(() => new Promise((resolve) => answers.push(() => resolve({}))));
    const desk = makeDesk();
    const webhook = know(desk, receiver);
    for (let count = 0; count < 20; count += 1) desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    await receiver.waitForRequests(16);
    const drained = desk.pipeline.drain(5_000);
    // What comes now is not begun either.
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    desk.pipeline.handBack(makeTask({ webhookId: webhook.Id }));
    for (const answer of answers) answer();
    await drained;
    expect(desk.outcomes).toHaveLength(16);
    expect(desk.moves.map(({ to }) => to)).toEqual(
      Array.from({ length: 6 }, () => ({ status: 'Pending', delayMs: 0 })),
    );
    expect(receiver.requests).toHaveLength(16);
  });

  test('does not wait for ever', async () => {
    const receiver = await serve();
    receiver.respond({ instead: 'hang' });
    const desk = makeDesk();
    const webhook = know(desk, receiver);
    desk.pipeline.accept(makeTask({ webhookId: webhook.Id }));
    await receiver.waitForRequests(1);
    const begunAt = performance.now();
    await desk.pipeline.drain(200);
    expect(performance.now() - begunAt).toBeLessThan(3_000);
    expect(desk.outcomes).toEqual([]);
  });
});
