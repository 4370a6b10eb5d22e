// A server that speaks bytes rather than HTTP, for receivers that no HTTP library would play.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { keep, waitFor } from '@postrider/test-kit';
import { spawn } from 'node:child_process';

export interface RawServer {
  readonly port: number;
  readonly origin: string;
  /** Requests as they came, head and body. */
  readonly requests: string[];
  /** Names asked for by SNI, one per connection; null: none. */
  readonly serverNames: (string | null)[];
  /** Connections so far, and those that are open now. */
  readonly connections: number;
  readonly open: number;
  /** Bytes written to all connections that have ended. */
  readonly bytesSent: number;
  stop(): Promise<void>;
}

/** Called once the whole request is there; `index` counts requests of all connections from 0. */
export type OnRequest = (socket: Socket, index: number) => void;

export interface RawServerOptions {
  readonly tls?: TlsOptions;
  /** Called instead of reading requests, as soon as somebody connects. */
  readonly onConnection?: (socket: Socket) => void;
  readonly host?: string;
}

export async function startRawServer(
  onRequest: OnRequest,
  options: RawServerOptions = {},
): Promise<RawServer> {
  const { tls, onConnection, host = '127.0.0.1' } = options;
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const serverNames: (string | null)[] = [];
  let connections = 0;
  let bytesSent = 0;
  const adopt = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      bytesSent += socket.bytesWritten - socket.writableLength;
      sockets.delete(socket);
    });
  };
  const serve = (socket: Socket): void => {
    if (onConnection !== undefined) {
      onConnection(socket);
      // Who does not read does not hear of the other side's end.
      socket.resume();
    } else readRequests(socket, (text) => onRequest(socket, requests.push(text) - 1));
  };
  let server: Server;
  if (tls === undefined) {
    server = createServer((socket) => {
      adopt(socket);
      serve(socket);
    });
  } else {
    server = createTlsServer(tls, (socket: TLSSocket) => {
      serverNames.push(socket.servername === false ? null : (socket.servername ?? null));
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.on('connection', adopt).on('tlsClientError', () => undefined);
  }
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    serverNames,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    get bytesSent() {
      return bytesSent;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function readRequests(socket: Socket, onText: (text: string) => void): void {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const headEnd = text.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (headEnd < 0 || length === undefined) return;
    const end = headEnd + 4 + Number(length);
    if (text.length < end) return;
    const request = text.slice(0, end);
    text = text.slice(end);
    onText(request);
  });
}

export const okText = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const ok = (socket: Socket): void => void socket.write(okText);

/** Writes for as long as the other side takes it. */
export function writeForEver(socket: Socket, piece: Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

/** Writes the text a piece at a time. */
export function drip(socket: Socket, pieces: Iterable<string>, everyMs: number): void {
  const rest = pieces[Symbol.iterator]();
  const timer = setInterval(() => {
    const next = rest.next();
    if (next.done === true) clearInterval(timer);
    else socket.write(next.value);
  }, everyMs);
  socket.once('close', () => clearInterval(timer));
}

const deafProgram = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port) + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** A port at which connections are neither taken nor refused: its queue is full and nobody empties it. */
export async function startDeafPort(): Promise<{ readonly port: number; stop: () => void }> {
  const child = spawn(process.execPath, ['-e', deafProgram], { stdio: ['ignore', 'pipe', 'inherit'] });
  keep(child);
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  const { connect } = await import('node:net');
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await waitFor('a full queue', () => fillers.filter((filler) => !filler.connecting).length >= 2);
  return {
    port,
    stop: () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}
