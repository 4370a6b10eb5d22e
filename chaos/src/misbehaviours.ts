// Receivers that no HTTP library would play: what each writes to its socket instead of an answer, and what the attempt
// must say of it.
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { AttemptErrorCode } from '@postrider/contracts';

export interface MisbehavingReceiver {
  readonly instead: (socket: Socket) => void;
  /** null: received, whatever comes after the headers of a 2xx. */
  readonly code: AttemptErrorCode | null;
}

const ok = 'HTTP/1.1 200 OK\r\n';
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const bomb = gzipSync(Buffer.alloc(20_000_000));
const dripMs = 1_000;

const write =
  (...pieces: (string | Uint8Array)[]) =>
  (socket: Socket): void => {
    for (const piece of pieces) socket.write(piece);
  };

/** For as long as the other side takes it. */
const forEver =
  (first: string, piece: Buffer) =>
  (socket: Socket): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
      if (!socket.destroyed) socket.once('drain', more);
    };
    socket.write(first);
    more();
  };

/** A byte a second. */
const dripping =
  (first: string, byte: string) =>
  (socket: Socket): void => {
    socket.write(first);
    const timer = setInterval(() => socket.write(byte), dripMs);
    socket.once('close', () => clearInterval(timer));
  };

export const misbehaviours = {
  'endless body': { instead: forEver(`${ok}\r\n`, Buffer.alloc(65_536)), code: null },
  'endless failure': {
    instead: forEver('HTTP/1.1 500 No\r\n\r\n', Buffer.alloc(65_536)),
    code: 'http_status',
  },
  'body of 10 MB': {
    instead: write(`${ok}Content-Length: 10000000\r\n\r\n`, Buffer.alloc(10_000_000)),
    code: null,
  },
  'headers of 64 KB': { instead: write(ok, 'X-A: 1\r\n'.repeat(8_000), '\r\n'), code: 'response_too_large' },
  'gzip bomb': {
    instead: write(`${ok}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, bomb),
    code: null,
  },
  'storm of 100': { instead: forEver('', Buffer.from(goOn.repeat(100))), code: 'response_too_large' },
  '101': {
    instead: write('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    code: 'invalid_response',
  },
  '103': { instead: write('HTTP/1.1 103 Early Hints\r\n\r\n', `${ok}Content-Length: 0\r\n\r\n`), code: null },
  'HTTP/1.0': { instead: (socket: Socket) => void socket.end('HTTP/1.0 200 OK\r\n\r\nold'), code: null },
  '999': { instead: write('HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n'), code: 'http_status' },
  garbage: {
    instead: (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    code: 'invalid_response',
  },
  'dripped body': { instead: dripping(`${ok}\r\n`, 'x'), code: null },
  'dripped failure': { instead: dripping('HTTP/1.1 500 No\r\n\r\n', 'x'), code: 'timeout_body' },
  'dripped headers': { instead: dripping(`${ok}X-A: `, 'x'), code: 'timeout_headers' },
  /** Says that it keeps the connection, and closes it a moment later. */
  'closed between requests': {
    instead: (socket: Socket) => {
      socket.write(`${ok}Content-Length: 0\r\n\r\n`);
      setTimeout(() => socket.destroy(), 50);
    },
    code: null,
  },
} as const satisfies Record<string, MisbehavingReceiver>;

export type Misbehaving = keyof typeof misbehaviours;
export const misbehavingKinds = Object.keys(misbehaviours) as Misbehaving[];

export function misbehaviourOf(kind: string): MisbehavingReceiver | undefined {
  return (misbehaviours as Readonly<Record<string, MisbehavingReceiver>>)[kind];
}
