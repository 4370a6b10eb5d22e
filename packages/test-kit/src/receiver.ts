// A real receiver of deliveries: it records every request as it came and answers as it is told.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createCertificateAuthority, type Certificate } from './certificates.js';
import { waitFor } from './wait-for.js';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  /** Name and value as they came, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The value of a header, whatever the case of its name. */
  header(name: string): string | undefined;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON; throws where it is none. */
  json<T = Record<string, unknown>>(): T;
  /** When the body had arrived, epoch ms. */
  readonly at: number;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Waits before answering. */
  readonly delayMs?: number;
}

/** What a receiver that misbehaves does instead: never answer, close the connection, or write to it what it likes. */
export type Misbehaviour = 'hang' | 'reset' | ((socket: Socket) => void);

export type Behaviour = Answer | { readonly instead: Misbehaviour };

export type BehaviourOf = (request: ReceivedRequest, index: number) => Behaviour | Promise<Behaviour>;

export interface ReceiverOptions {
  /** HTTPS with a certificate for localhost, 127.0.0.1 and ::1 of an authority of its own (`ca`), or with this one. */
  readonly https?: boolean | Certificate;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** PEM of the authority to trust, when it made its own certificate. */
  readonly ca: string | undefined;
  readonly requests: readonly ReceivedRequest[];
  /** From now on: always the same, or decided per request (its number counts from 0). */
  respond(behaviour: Behaviour | BehaviourOf): void;
  /** Resolves with all requests once there are `count` or more. */
  waitForRequests(count: number, options?: { timeoutMs?: number }): Promise<readonly ReceivedRequest[]>;
  /** Forgets what came so far. */
  clear(): void;
  /** Connections that are open now. */
  readonly openConnections: number;
  stop(): Promise<void>;
}

async function record(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { rawHeaders } = message;
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
  );
  return {
    method: message.method ?? '',
    path: message.url ?? '',
    headers,
    header: (name) => headers.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1],
    body,
    text: body.toString('utf8'),
    json: <T>() => JSON.parse(body.toString('utf8')) as T,
    at: Date.now(),
  };
}

function misbehave(what: Misbehaviour, socket: Socket): void {
  if (what === 'hang') return;
  if (what === 'reset') socket.resetAndDestroy();
  else what(socket);
}

async function answer(
  response: ServerResponse,
  { status = 200, headers = {}, body, delayMs }: Answer,
): Promise<void> {
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
  response.writeHead(status, headers).end(body);
}

function tlsOf(https: boolean | Certificate): (Certificate & { ca?: string }) | undefined {
  if (https === false) return undefined;
  if (https !== true) return https;
  const authority = createCertificateAuthority();
  return { ...authority.issue({ hosts: ['localhost', '127.0.0.1', '::1'] }), ca: authority.certificate };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** Starts a receiver; it answers 200 until told otherwise. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { https = false, host = '127.0.0.1', port: wantedPort = 0 } = options;
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let behaviourOf: BehaviourOf = () => ({});

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await record(message);
    const behaviour = await behaviourOf(request, requests.push(request) - 1);
    if ('instead' in behaviour) misbehave(behaviour.instead, message.socket);
    else await answer(response, behaviour);
  };
  // A connection that ends in the middle of a request is the sender's business.
  const onRequest: RequestListener = (message, response) =>
    void handle(message, response).catch(() => undefined);
  const tls = tlsOf(https);
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.key }, onRequest)
    : createServer(onRequest);
  const remember = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', remember);
  server.on('tlsClientError', () => undefined);
  await listen(server, wantedPort, host);
  const { port } = server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls ? 'https' : 'http'}://${shownHost}:${port}`,
    port,
    ca: tls?.ca,
    requests,
    respond: (behaviour) => {
      behaviourOf = typeof behaviour === 'function' ? behaviour : () => behaviour;
    },
    waitForRequests: async (count, wait = {}) => {
      await waitFor(`${count} requests`, () => requests.length >= count, wait).catch((error: unknown) => {
        throw new Error(`expected ${count} requests, ${requests.length} came`, { cause: error });
      });
      return requests;
    },
    clear: () => {
      requests.length = 0;
    },
    get openConnections() {
      return sockets.size;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
