// Every way in which quality.md lets a receiver misbehave: what the attempt says of it, when it ends, and that nothing is
// left of it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AttemptErrorCode } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { drip, startDeafPort, startRawServer, writeForEver, type RawServer } from '../../test/raw-server.js';
import { makeSender } from '../../test/sender.js';
import { maxResponseBytes, type DeliveryResult } from './http-client.js';

interface Expected {
  /** null: the attempt was received. */
  readonly code: AttemptErrorCode | null;
  /** null: no answer is on record. */
  readonly status: number | null;
  readonly truncated?: boolean;
  /** Latin-1; not looked at where it is left out. */
  readonly body?: string;
}
type Case = readonly [what: string, answer: (socket: Socket) => void, expected: Expected];

const write =
  (...texts: string[]) =>
  (socket: Socket): void => {
    for (const text of texts) socket.write(text, 'latin1');
  };
const then =
  (first: (socket: Socket) => void, second: (socket: Socket) => void) =>
  (socket: Socket): void => {
    first(socket);
    // Only once the first bytes have gone out: a reset would overtake them.
    socket.write('', () => setTimeout(() => second(socket), 30));
  };
const reset = (socket: Socket): void => void socket.resetAndDestroy();
const close = (socket: Socket): void => void socket.end();
const hang = (): void => undefined;
const closing = (bytes: string | Uint8Array) => (socket: Socket) => void socket.end(bytes);
const forEver = (bytes: string | Uint8Array) => (socket: Socket) => writeForEver(socket, Buffer.from(bytes));
const dripping =
  (first: string, rest = '') =>
  (socket: Socket) =>
    drip(
      socket,
      (function* () {
        yield first;
        while (rest !== '') yield rest;
      })(),
      50,
    );

const received = (body?: string, status = 200): Expected => ({
  code: null,
  status,
  truncated: false,
  ...(body === undefined ? {} : { body }),
});
const cut = (body?: string): Expected => ({ ...received(body), truncated: true });
const none = (code: AttemptErrorCode): Expected => ({ code, status: null });
const failure = (code: AttemptErrorCode, status: number, truncated: boolean): Expected => ({
  code,
  status,
  truncated,
});

const ok = 'HTTP/1.1 200 OK\r\n';
const ofLength = (length: number) => `${ok}Content-Length: ${length}\r\n\r\n`;
const two = `${ofLength(2)}ok`;
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const failed = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\n';
const headOf = (bytes: number) => {
  const rest = 'Content-Length: 0\r\nX-A: \r\n\r\n';
  return `${ok}${rest.replace('X-A: ', `X-A: ${'x'.repeat(bytes - ok.length - rest.length)}`)}`;
};
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
const zeros = Buffer.alloc(65_536);
const bomb = gzipSync(Buffer.alloc(20_000_000));
const bombHead = `${ok}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
const longHeader = `X-Long: ${'x'.repeat(64_000)}\r\n`;
const kept = maxResponseBytes;

const quick: Case[] = [
  ['resets before headers', reset, none('connection_reset')],
  ['closes before headers', close, none('connection_reset')],
  ['resets within headers', then(write(`${ok}X-A: `), reset), none('connection_reset')],
  ['closes within headers', then(write(`${ok}X-A: `), close), none('connection_reset')],
  ['resets after the headers of a 200', then(write(ofLength(9), 'abc'), reset), cut('abc')],
  ['closes after the headers of a 200', then(write(ofLength(9), 'abc'), close), cut('abc')],
  ['resets after the headers of a 500', then(write(failed), reset), failure('connection_reset', 500, true)],
  ['a 500', write(failed, 'n'.repeat(100)), { ...failure('http_status', 500, false), body: 'n'.repeat(100) }],
  [
    'a status of 999',
    write('HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n'),
    failure('http_status', 999, false),
  ],
  ['a status that is none', write('HTTP/1.1 20 OK\r\n\r\n'), none('invalid_response')],
  ['an endless body after a 200', then(write(`${ok}\r\n`), forEver(zeros)), cut('\0'.repeat(kept))],
  [
    'an endless body after a 500',
    then(write('HTTP/1.1 500 No\r\n\r\n'), forEver(zeros)),
    failure('http_status', 500, true),
  ],
  [
    'an endless chunked body',
    then(write(chunked), forEver(`10000\r\n${'x'.repeat(65_536)}\r\n`)),
    cut('x'.repeat(kept)),
  ],
  ['a body of 10 MB', write(ofLength(10_000_000), 'y'.repeat(10_000_000)), cut('y'.repeat(kept))],
  ['a body of just 16 KiB', write(ofLength(kept), 'z'.repeat(kept)), received('z'.repeat(kept))],
  ['a body of one byte more', write(ofLength(kept + 1), 'z'.repeat(kept + 1)), cut('z'.repeat(kept))],
  ['64 KB of headers', write(ok, 'X-A: 1\r\n'.repeat(8_000), '\r\n'), none('response_too_large')],
  ['one header of 64 KB', write(ok, longHeader, '\r\n'), none('response_too_large')],
  ['endless headers', then(write(ok), forEver('X-A: 1\r\n'.repeat(1_000))), none('response_too_large')],
  [
    'an endless status line',
    then(write('HTTP/1.1 200 '), forEver('x'.repeat(30_000))),
    none('response_too_large'),
  ],
  ['16 KiB of head', write(headOf(16_384)), received('')],
  ['a byte more', write(headOf(16_385)), none('response_too_large')],
  [
    '16 KiB of head whose end comes apart',
    then(write(headOf(16_384).slice(0, -2)), write('\r\n')),
    received(''),
  ],
  [
    'trailers without an end',
    then(write(`${chunked}2\r\nok\r\n0\r\n`), forEver('X-A: 1\r\n'.repeat(1_000))),
    cut('ok'),
  ],
  ['a chunk extension without an end', then(write(`${chunked}2;`), forEver('x'.repeat(30_000))), cut('')],
  [
    '16 KiB in chunks of a byte',
    write(chunked, '1\r\nc\r\n'.repeat(kept), '0\r\n\r\n'),
    received('c'.repeat(kept)),
  ],
  [
    '15 KB of headers',
    write(ok, `X-A: ${'x'.repeat(15_000)}\r\n`, 'Content-Length: 0\r\n\r\n'),
    received(''),
  ],
  [
    'a gzip bomb, which is not inflated',
    write(bombHead, bomb.toString('latin1')),
    cut(bomb.toString('latin1', 0, kept)),
  ],
  [
    '101',
    write('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    none('invalid_response'),
  ],
  ['101 without what it switches to', write('HTTP/1.1 101 Switching\r\n\r\n'), none('invalid_response')],
  [
    '200 that offers another protocol',
    write(`${ok}Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok`),
    received('ok'),
  ],
  ['100 before the answer', write(goOn, two), received('ok')],
  ['100 thrice, a moment before the answer', then(write(goOn.repeat(3)), write(two)), received('ok')],
  ['100 with headers', write('HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n', two), received('ok')],
  ['100, then a failure', write(goOn, failed, 'f'.repeat(100)), failure('http_status', 500, false)],
  ['100, then reset', then(write(goOn), reset), none('connection_reset')],
  ['102 and 103 before the answer', write('HTTP/1.1 102 Processing\r\n\r\n', hints, two), received('ok')],
  ['100 and the answer, a byte at a time', (socket) => drip(socket, goOn + two, 2), received('ok')],
  ['a storm of 100', forEver(goOn.repeat(100)), none('response_too_large')],
  ['a 100 that does not end', forEver(`HTTP/1.1 100 ${'x'.repeat(30_000)}`), none('response_too_large')],
  ['the beginning of a status line, then closed', then(write('HTTP/1.1 1'), close), none('connection_reset')],
  [
    'HTTP/1.0, ended by closing',
    closing('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold'),
    received('old'),
  ],
  ['HTTP/1.0 with a length', write('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold'), received('old')],
  [
    'HTTP/1.0, ended by a reset',
    then(write('HTTP/1.0 200 OK\r\n\r\nold'), reset),
    { code: null, status: 200, body: 'old' },
  ],
  ['garbage', closing('SSH-2.0-OpenSSH_9.2\r\n'), none('invalid_response')],
  ['zeros', closing(zeros), none('invalid_response')],
  ['HTTP/2', closing(Buffer.from('000012040000000000000300000064', 'hex')), none('invalid_response')],
  ['a NUL in a header', write(`${ok}X-A: a\0b\r\nContent-Length: 0\r\n\r\n`), none('invalid_response')],
  ['a length that is no number', write(`${ok}Content-Length: many\r\n\r\n`), none('invalid_response')],
  ['two lengths', write(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`), none('invalid_response')],
  ['a chunk that is none, after a 200', then(write(chunked), write('nonsense\r\n')), cut('')],
  [
    'trailers of 64 KB after a 200',
    then(write(`${chunked}2\r\nok\r\n0\r\n`), write(longHeader, '\r\n')),
    received('ok'),
  ],
  ['204, with a body that is none of it', write('HTTP/1.1 204 No Content\r\n\r\nsurplus'), received('', 204)],
  [
    '302',
    write('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
    failure('redirect', 302, false),
  ],
  ['304', write('HTTP/1.1 304 Not Modified\r\n\r\n'), failure('redirect', 304, false)],
];

const untilDeadline: Case[] = [
  ['hangs before headers', hang, none('timeout_headers')],
  ['hangs within the status line', write('HTTP/1.'), none('timeout_headers')],
  ['hangs within headers', write(`${ok}X-A: `), none('timeout_headers')],
  ['drips headers', dripping(ok, 'X-A: 1\r\n'), none('timeout_headers')],
  ['drips 100', dripping(goOn, goOn), none('timeout_headers')],
  ['drips 103', dripping(hints, hints), none('timeout_headers')],
  ['hangs after the headers of a 200', write(ofLength(9), 'abc'), cut('abc')],
  ['drips the body of a 200', dripping(`${ok}\r\n`, 'x'), cut()],
  [
    'hangs after the headers of a 500',
    write(failed, 'abc'),
    { ...failure('timeout_body', 500, true), body: 'abc' },
  ],
  ['drips the body of a 500', dripping('HTTP/1.1 500 No\r\n\r\n', 'x'), failure('timeout_body', 500, true)],
  [
    'hangs after the headers of a redirect',
    write('HTTP/1.1 301 Moved\r\nContent-Length: 9\r\n\r\n'),
    failure('redirect', 301, true),
  ],
];

const sender = makeSender();
const outcomes = new Map<string, { result: DeliveryResult; server: RawServer; wallMs: number }>();

async function attempt([what, answer]: Case, timeoutSeconds: number): Promise<void> {
  const server = await startRawServer(answer);
  const begunAt = performance.now();
  const result = await sender.send(server.origin, { timeoutSeconds });
  outcomes.set(what, { result, server, wallMs: performance.now() - begunAt });
}

beforeAll(async () => {
  for (const one of quick) await attempt(one, 5);
  await Promise.all(untilDeadline.map((one) => attempt(one, 1)));
});
afterAll(async () => {
  sender.close();
  await Promise.all([...outcomes.values()].map(({ server }) => server.stop()));
});

const outcomeOf = (what: string) => {
  const found = outcomes.get(what);
  if (found === undefined) throw new Error('it was not tried');
  return found;
};

function judge(what: string, { code, status, truncated, body }: Expected): void {
  const { result, wallMs } = outcomeOf(what);
  expect(result.failure?.code ?? null).toBe(code);
  expect(result.response?.statusCode ?? null).toBe(status);
  if (truncated !== undefined) expect(result.response?.truncated).toBe(truncated);
  if (body !== undefined) expect(result.response?.body.toString('latin1')).toBe(body);
  expect(result.response?.body.length ?? 0).toBeLessThanOrEqual(maxResponseBytes);
  expect(Math.abs(result.durationMs - wallMs)).toBeLessThan(250);
}

test.each(quick)('%s', (what, _answer, expected) => {
  judge(what, expected);
  expect(outcomeOf(what).wallMs).toBeLessThan(2_500);
});

test.each(untilDeadline)('%s: the attempt ends at its deadline', (what, _answer, expected) => {
  judge(what, expected);
  expect(Math.abs(outcomeOf(what).wallMs - 1_000)).toBeLessThan(500);
});

test.each([...quick, ...untilDeadline])('%s: one request, and nothing left of it', async (what) => {
  const { result, server } = outcomeOf(what);
  expect(server.requests).toHaveLength(1);
  // What ended well may be kept for the next request.
  const isKept = result.response !== null && !result.response.truncated;
  if (!isKept) await waitFor('the connection to be closed', () => server.open === 0);
  // As much as fits into the buffers of both sides, but no more of what is endless.
  expect(server.bytesSent).toBeLessThan(12_000_000);
});

test('a receiver that refuses', async () => {
  const server = await startRawServer(hang);
  await server.stop();
  const { failure: refusal, response, durationMs } = await sender.send(server.origin);
  expect([refusal?.code, response]).toEqual(['connection_refused', null]);
  expect(durationMs).toBeLessThan(1_000);
});

test('a receiver that hangs at connect', async () => {
  const deaf = await startDeafPort();
  const { failure: timeout, durationMs } = await sender.send(`http://127.0.0.1:${deaf.port}`, {
    timeoutSeconds: 1,
  });
  deaf.stop();
  expect(timeout?.code).toBe('timeout_connect');
  expect(Math.abs(durationMs - 1_000)).toBeLessThan(500);
});
