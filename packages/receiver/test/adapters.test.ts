import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Controller, Module, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sendRequest } from '@postrider/test-kit';
import express, { type Request as ExpressRequest } from 'express';
import Fastify from 'fastify';
import {
  expressWebhook,
  fastifyWebhook,
  nestWebhook,
  verifyRequest,
  WebhookVerificationError,
  type WebhookEvent,
  type WithWebhook,
} from '../src/index.js';
import { secret, signed } from './support/sign.js';

const body = '{"Id":"evt_1","Topic":"job.execution.failed","Data":{}}';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Answer {
  status: number;
  body: unknown;
}

function post(url: string, text: string, headers: Record<string, string>): Promise<Answer> {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return sendRequest('POST', url, { body: text, headers: { ...type, ...headers } });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

async function withExpress(...first: express.RequestHandler[]): Promise<string> {
  const app = express();
  for (const one of first) app.use(one);
  app.post('/webhooks', expressWebhook(secret), (request, response) => {
    response.json({ got: (request as ExpressRequest & WithWebhook).webhook?.Id });
  });
  return listen(createServer(app));
}

async function withFastify(): Promise<string> {
  const app = Fastify();
  closing.push(() => app.close());
  await app.register(async (scope) => {
    fastifyWebhook(scope, secret);
    scope.post('/webhooks', async (request) => ({ got: (request.body as WebhookEvent).Id }));
  });
  app.post('/other', async (request) => request.body);
  return `${await app.listen({ port: 0, host: '127.0.0.1' })}/webhooks`;
}

@Controller('webhooks')
class WebhooksController {
  @Post()
  @UseGuards(nestWebhook(secret))
  take(@Req() request: { webhook: WebhookEvent }) {
    return { got: request.webhook.Id };
  }
}

@Module({ controllers: [WebhooksController] })
class NestModule {}

async function withNest({ rawBody }: { rawBody: boolean }): Promise<string> {
  const app = await NestFactory.create(NestModule, new FastifyAdapter(), { rawBody, logger: false });
  closing.push(() => app.close());
  await app.listen(0, '127.0.0.1');
  return `${(await app.getUrl()).replace('[::1]', '127.0.0.1')}/webhooks`;
}

async function withFetch(): Promise<string> {
  const handle = async (request: Request): Promise<Response> => {
    try {
      return Response.json({ got: (await verifyRequest(request, secret)).Id });
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      return Response.json({ code: error.code }, { status: error.statusCode });
    }
  };
  return listen(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        void handle(
          new Request('http://localhost/webhooks', { method: 'POST', body: Buffer.concat(chunks), headers }),
        ).then(async (answer) => {
          response.writeHead(answer.status, { 'Content-Type': 'application/json' });
          response.end(await answer.text());
        });
      });
    }),
  );
}

const adapters: [string, () => Promise<string>][] = [
  ['Express', () => withExpress()],
  ['Express behind express.raw', () => withExpress(express.raw({ type: '*/*' }))],
  ['Fastify', withFastify],
  ['Nest', () => withNest({ rawBody: true })],
  ['Fetch', withFetch],
];
describe.each(adapters)('%s', (_, start) => {
  test('hands on what verifies', async () => {
    const url = await start();
    const answer = await post(url, body, signed(body, Date.now()));
    expect(answer).toMatchObject({ status: expect.any(Number), body: { got: 'evt_1' } });
    expect(answer.status).toBeLessThan(300);
  });

  test('answers 401 to what does not', async () => {
    const url = await start();
    expect(await post(url, `${body} `, signed(body, Date.now()))).toMatchObject({ status: 401 });
    expect(await post(url, body, {})).toMatchObject({ status: 401 });
  });
});

test('Express behind a JSON parser: 500 that says what to do', async () => {
  const url = await withExpress(express.json());
  expect(await post(url, body, signed(body, Date.now()))).toMatchObject({
    status: 500,
    body: { code: 'body_not_raw', detail: expect.stringContaining('express.raw') },
  });
});

test('Nest without rawBody: 500', async () => {
  const url = await withNest({ rawBody: false });
  expect(await post(url, body, signed(body, Date.now()))).toMatchObject({ status: 500 });
});

test('Express refuses a body without end', async () => {
  const url = await withExpress();
  expect(await post(url, 'x'.repeat(1_048_577), {})).toMatchObject({
    status: 413,
    body: { code: 'body_too_large' },
  });
});

test('Fastify: other routes parse JSON as ever', async () => {
  const url = await withFastify();
  expect(await post(url.replace('/webhooks', '/other'), '{"a":1}', {})).toMatchObject({
    status: 200,
    body: { a: 1 },
  });
});

test('a Fetch request that was read before is told so', async () => {
  const request = new Request('http://localhost', { method: 'POST', body });
  await request.text();
  await expect(verifyRequest(request, secret)).rejects.toMatchObject({ code: 'body_not_raw' });
});

test('the package can be imported and required, and needs nothing', () => {
  const folder = new URL('../', import.meta.url);
  const say = `console.log(typeof verify + typeof expressWebhook)`;
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    }).trim();
  const imported = `import { verify, expressWebhook } from '@postrider/receiver'; ${say}`;
  expect(run('--input-type=module', '-e', imported)).toBe('functionfunction');
  const required = `const { verify, expressWebhook } = require('@postrider/receiver'); ${say}`;
  expect(run('--input-type=commonjs', '-e', required)).toBe('functionfunction');
});
