import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Controller, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ProblemError, requestSubjects, type ServiceRequest } from '@postrider/contracts';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import 'reflect-metadata';
import { Messaging } from '../src/connection.js';
import { MessagingAwayError } from '../src/errors.js';
import { answerJson, askJson } from '../src/request-reply.js';
import { RequestServer } from '../src/request-server.js';

type Create = ServiceRequest<'createSecret'>;
type Handle = (request: Create) => Promise<Record<string, unknown>>;

const request: Create = {
  OrganizationId: '0192f0c1-7a3b-7c4d-8e5f-000000000001',
  WebhookId: '0192f0c1-7a3b-7c4d-8e5f-000000000002',
  Authorization: 'Bearer canary',
};
const reply = {
  SecretVersion: 1,
  SecretCreatedAt: 1_700_000_000_000,
  PreviousSecretExpiresAt: null,
  SigningSecret: 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
};

let nats: TestNats;
let asker: Messaging;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  nats = await startNats({ users: true });
  asker = await Messaging.open({
    natsUrl: nats.urlFor('config_api'),
    name: 'asker',
    onStatus: () => undefined,
  });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await asker.close();
  await nats.stop();
});

/** An instance of the signer that answers createSecret by `handle`. */
async function startService(handle: Handle) {
  const errors: unknown[] = [];
  const events: unknown[] = [];
  @Controller()
  class Desk {
    @MessagePattern(requestSubjects.createSecret)
    create(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
      return answerJson('createSecret', bytes, handle as never, (error) => errors.push(error));
    }
    @MessagePattern(requestSubjects.deleteSecrets)
    fail(): never {
      throw new Error('canary: what a handler says of itself stays here');
    }
    /** A handler of another transport of the same application. */
    @EventPattern('events')
    onEvents(@Payload() batch: unknown): void {
      events.push(batch);
    }
  }
  @Module({ controllers: [Desk as Type] })
  class Service {}
  const server = new RequestServer(nats.urlFor('signer'), 'signer');
  const app: INestApplicationContext & { listen(): Promise<unknown> } = await NestFactory.createMicroservice(
    Service,
    { strategy: server, logger: false },
  );
  await app.listen();
  closing.push(() => app.close());
  return { app, server, errors, events };
}

const ask = () => askJson(asker, 'createSecret', request, 2_000);

test('a request reaches the handler parsed, and its answer the asker', async () => {
  const handle = jest.fn<Handle>().mockResolvedValue(reply);
  await startService(handle);
  expect(await ask()).toEqual(reply);
  expect(handle).toHaveBeenCalledWith(request);
});

test('a problem of the catalogue travels as it is', async () => {
  const { errors } = await startService(() =>
    Promise.reject(new ProblemError('already_exists', 'it has one')),
  );
  await expect(ask()).rejects.toMatchObject({ code: 'already_exists', detail: 'it has one', status: 409 });
  expect(errors).toEqual([]);
});

test('any other failure is `unavailable` and told to the service alone', async () => {
  const { errors } = await startService(() => Promise.reject(new Error('canary: connection refused')));
  const problem = (await ask().catch((error: unknown) => error)) as ProblemError;
  expect(problem).toMatchObject({ code: 'unavailable', headers: { 'Retry-After': '1' } });
  expect(problem.detail).not.toContain('canary');
  expect(errors).toEqual([new Error('canary: connection refused')]);
});

test.each([
  ['no JSON', '{"OrganizationId": canary', /it Invalid input/],
  ['a field missing', JSON.stringify({ ...request, WebhookId: undefined }), /WebhookId/],
  [
    'a value that breaks its rule',
    JSON.stringify({ ...request, Authorization: 'canary\n' }),
    /Authorization/,
  ],
])('%s is answered as a defect of the asker, and never quoted', async (_, bytes, named) => {
  const handle = jest.fn<Handle>();
  const { errors } = await startService(handle);
  const answer = Buffer.from(await asker.request(requestSubjects.createSecret, bytes, 2_000)).toString();
  expect(JSON.parse(answer)).toMatchObject({ Ok: false, Code: 'internal' });
  expect(String(errors[0])).toMatch(named);
  expect(answer + String(errors[0])).not.toContain('canary');
  expect(handle).not.toHaveBeenCalled();
});

test('a handler that throws at once is answered too, without its words', async () => {
  await startService(() => Promise.resolve(reply));
  const answer = Buffer.from(await asker.request(requestSubjects.deleteSecrets, '', 2_000)).toString();
  expect(JSON.parse(answer)).toMatchObject({ Ok: false, Code: 'internal' });
  expect(answer).not.toContain('canary');
});

describe('who asks is told `unavailable`', () => {
  test('when nobody is there to answer: at once', async () => {
    const started = performance.now();
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable', headers: { 'Retry-After': '1' } });
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test('when no answer comes in time', async () => {
    let release: () => void = () => undefined;
    await startService(() => new Promise((resolve) => (release = () => resolve(reply))));
    await expect(askJson(asker, 'createSecret', request, 200)).rejects.toMatchObject({ code: 'unavailable' });
    release();
  });

  test('while NATS is away: at once', async () => {
    await nats.kill();
    await waitFor('the loss to be noticed', () => !asker.isConnected);
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    await nats.restart();
    await waitFor('NATS to be back', () => asker.isConnected);
  });
});

test('instances share the work: each request is answered by one, and all get some', async () => {
  const calls = [0, 0, 0];
  for (const index of calls.keys()) {
    await startService(() => {
      calls[index] = (calls[index] ?? 0) + 1;
      return Promise.resolve(reply);
    });
  }
  await Promise.all(Array.from({ length: 150 }, ask));
  expect(calls.reduce((sum, count) => sum + count)).toBe(150);
  expect(Math.min(...calls)).toBeGreaterThan(0);
});

test('an instance that is closed answers what it has taken, and takes no more', async () => {
  const pending: (() => void)[] = [];
  const { app } = await startService(() => new Promise((resolve) => pending.push(() => resolve(reply))));
  const asked = Promise.all(
    Array.from({ length: 20 }, () => askJson(asker, 'createSecret', request, 15_000)),
  );
  await waitFor('all to be taken', () => pending.length === 20);
  const closed = app.close();
  closing.length = 0;
  await waitFor('it to take no more', async () => {
    const error = await asker.request(requestSubjects.createSecret, '{}', 300).catch((late: unknown) => late);
    return error instanceof MessagingAwayError && error.message.includes('no responders');
  });
  for (const finish of pending) finish();
  expect((await asked).length).toBe(20);
  await closed;
});

test('requests are answered again after NATS was killed', async () => {
  const { server } = await startService(() => Promise.resolve(reply));
  expect(server.isConnected).toBe(true);
  await nats.kill();
  await waitFor('the loss to be noticed', () => !server.isConnected && !asker.isConnected);
  await nats.restart();
  await waitFor('NATS to be back', () => server.isConnected && asker.isConnected);
  expect(await ask()).toEqual(reply);
});

test('handlers of other transports hear nothing by this one', async () => {
  const { events } = await startService(() => Promise.resolve(reply));
  const admin = await Messaging.open({ natsUrl: nats.url, name: 'admin', onStatus: () => undefined });
  admin.publish('events', 'for JetStream alone');
  await admin.flush();
  await ask();
  expect(events).toEqual([]);
  await admin.close();
});
