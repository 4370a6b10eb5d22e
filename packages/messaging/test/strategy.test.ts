import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import 'reflect-metadata';
import { of, throwError } from 'rxjs';
import type { Messaging } from '../src/connection.js';
import { JetStreamBatchStrategy } from '../src/jetstream-batch.strategy.js';
import type { PulledMessage } from '../src/pull-consumer.js';
import { EventPublisher } from '../src/publisher.js';
import { openMessaging, organization, streamState, text, topic } from './support.js';

let nats: TestNats;
let messaging: Messaging;
beforeEach(async () => {
  nats = await startNats();
  messaging = await openMessaging(nats);
});
afterEach(async () => {
  await messaging.close();
  await nats.stop();
});

const batches = [
  { stream: 'events', maxBatch: 10, maxOutstanding: 40, maxBytes: 1_000_000, parallel: 1 },
] as const;

async function startService(handle: (batch: PulledMessage[]) => unknown) {
  @Controller()
  class Receiver {
    @EventPattern('events')
    onEvents(@Payload() batch: PulledMessage[]): unknown {
      return handle(batch);
    }
    @MessagePattern('postrider.signer.v1.sign')
    ofAnotherTransport(): string {
      return '';
    }
  }
  @Module({ controllers: [Receiver as Type] })
  class Service {}
  const errors: string[] = [];
  const strategy = new JetStreamBatchStrategy(messaging, batches, (what) => errors.push(what));
  const app = await NestFactory.createMicroservice(Service, { strategy, logger: false });
  await app.listen();
  await waitFor('the stream', () => streamState(messaging, 'events'));
  const publisher = await EventPublisher.connect(nats.url);
  for (const event of ['a', 'b', 'c']) await publisher.publish(organization, topic, event);
  await publisher.close();
  return { app, errors };
}

const empty = () =>
  waitFor('all to be acknowledged', async () => (await streamState(messaging, 'events')).messages === 0);

test.each([
  ['a promise', () => Promise.resolve()],
  ['an observable', () => of(1, 2)],
  ['nothing', () => undefined],
])('a handler that gives %s has dealt with its batch', async (_, result) => {
  const seen: string[] = [];
  const { app } = await startService((batch) => {
    seen.push(...batch.map(text));
    return result();
  });
  await empty();
  expect(seen.sort()).toEqual(['a', 'b', 'c']);
  await app.close();
});

test.each([
  ['rejects', () => Promise.reject(new Error('away'))],
  [
    'throws',
    () => {
      throw new Error('away');
    },
  ],
  ['ends in an observable error', () => throwError(() => new Error('away'))],
])('a handler that %s gets its batch again', async (_, fail) => {
  const seen: string[] = [];
  let failures = 0;
  const { app, errors } = await startService((batch) => {
    if (failures < 1) {
      failures += 1;
      return fail();
    }
    seen.push(...batch.map(text));
    return undefined;
  });
  await empty();
  expect([...new Set(seen)].sort()).toEqual(['a', 'b', 'c']);
  expect(errors.length).toBe(1);
  await app.close();
});

test('closing waits for the batch under way', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let begun = 0;
  let finished = 0;
  const { app } = await startService(async () => {
    begun += 1;
    await held;
    finished += 1;
  });
  await waitFor('a batch', () => begun > 0);
  const closed = app.close().then(() => ({ begun, finished }));
  release();
  expect(await closed).toEqual({ begun: 1, finished: 1 });
});

test('a stream without a handler is an error at start, not messages that nobody takes', async () => {
  @Module({})
  class Service {}
  const strategy = new JetStreamBatchStrategy(messaging, batches, () => undefined);
  const app = await NestFactory.createMicroservice(Service, { strategy, logger: false });
  await expect(app.listen()).rejects.toThrow("no @EventPattern('events')");
  await app.close();
});
