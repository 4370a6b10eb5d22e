// One attempt against real receivers: what goes out, and connections that are kept.
import { describe, expect, test } from '@jest/globals';
import { startReceiver, waitFor } from '@postrider/test-kit';
import type { Socket } from 'node:net';
import { deliverStage } from '../../test/deliver-stage.js';
import { ok, okText, type RawServer } from '../../test/raw-server.js';
import { exampleBody, makeSender } from '../../test/sender.js';

const { serve, sender, cleanUps } = deliverStage();

describe('what goes out and what is kept', () => {
  test('the request is just what was asked for and what HTTP needs', async () => {
    const server = await serve(ok);
    const { response, failure } = await sender().send(server.origin);
    expect(server.requests).toEqual([
      'POST /in?x=1 HTTP/1.1\r\n' +
        `host: 127.0.0.1:${server.port}\r\n` +
        'connection: keep-alive\r\n' +
        'Content-Type: application/json; charset=utf-8\r\n' +
        'X-Postrider-Trigger: event\r\n' +
        `content-length: ${exampleBody.length}\r\n\r\n` +
        exampleBody.toString(),
    ]);
    expect(failure).toBeNull();
    expect([response?.statusCode, response?.body.toString(), response?.truncated]).toEqual([
      200,
      'ok',
      false,
    ]);
  });

  test('headers of the answer as they came, also several of a name', async () => {
    const server = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX-\u00e9: 1\r\nContent-Length: 0\r\n\r\n', 'latin1');
      socket.write('');
    });
    const { failure } = await sender().send(server.origin);
    // A name with letters that are no ASCII is no header.
    expect(failure?.code).toBe('invalid_response');
    const other = await serve((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: \u00e9\r\nContent-Length: 0\r\n\r\n',
        'latin1',
      );
    });
    const { response } = await sender().send(other.origin);
    expect(response?.rawHeaders.map((bytes) => bytes.toString('latin1'))).toEqual([
      'Set-Cookie',
      'a',
      'set-cookie',
      'é',
      'Content-Length',
      '0',
    ]);
  });

  test('a large body goes out whole', async () => {
    const receiver = await startReceiver();
    cleanUps.push(() => receiver.stop());
    const body = Buffer.alloc(600_000, 'x');
    await sender().send(receiver.url, { body });
    expect(receiver.requests[0]?.body.equals(body)).toBe(true);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await serve(ok);
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 307 Go\r\nLocation: ${elsewhere.origin}/\r\nContent-Length: 0\r\n\r\n`);
    });
    const { failure } = await sender().send(server.origin);
    expect(failure?.code).toBe('redirect');
    expect(elsewhere.connections).toBe(0);
  });

  test('an Authorization value that HTTP forbids fails the attempt and nothing else', async () => {
    const server = await serve(ok);
    const { send } = sender();
    const { failure } = await send(server.origin, { headers: ['Authorization', 'a\r\nb: c'] });
    expect(failure?.code).toBe('invalid_response');
    expect(server.requests).toEqual([]);
    expect((await send(server.origin)).failure).toBeNull();
  });
});

describe('connections', () => {
  test('one is kept and used again, by one request at a time', async () => {
    const server = await serve(ok);
    const { send } = sender();
    for (let count = 0; count < 3; count += 1) expect((await send(server.origin)).failure).toBeNull();
    expect(server.connections).toBe(1);
    await Promise.all([send(server.origin), send(server.origin)]);
    expect(server.connections).toBe(2);
    expect(server.requests).toHaveLength(5);
  });

  test('one that the receiver closes after its answer is not used again', async () => {
    const server = await serve((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    const { send } = sender();
    for (let count = 0; count < 3; count += 1) expect((await send(server.origin)).failure).toBeNull();
    expect([server.connections, server.requests.length]).toEqual([3, 3]);
    await waitFor('closed connections', () => server.open === 0);
  });

  test('what a receiver says between requests ends the connection, and the next attempt does not see it', async () => {
    const server = await serve((socket) => void socket.write(okText + okText.replace('ok', 'no')));
    const { send } = sender();
    for (let count = 0; count < 3; count += 1) {
      const { response, failure } = await send(server.origin);
      expect([failure, response?.body.toString()]).toEqual([null, 'ok']);
    }
  });

  test('interim answers are taken on a kept connection too', async () => {
    const server = await serve((socket, index) => {
      if (index > 0) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      ok(socket);
    });
    const { send } = sender();
    for (let count = 0; count < 3; count += 1) expect((await send(server.origin)).failure).toBeNull();
    expect(server.connections).toBe(1);
  });

  test('no more are kept than allowed, the least used origin going first', async () => {
    const servers = await Promise.all([serve(ok), serve(ok), serve(ok)]);
    const { send } = sender({ maxIdle: 2 });
    for (const { origin } of servers) await send(origin);
    const [first, second, third] = servers;
    await waitFor('the first to be closed', () => first.open === 0);
    expect([second.open, third.open]).toEqual([1, 1]);
  });
});

describe('a kept connection that turns out to be dead', () => {
  /** Answers the first request, then does `what` to each; the connection's number counts from 0. */
  const dying = (what: (socket: Socket) => void, times: number): Promise<RawServer> =>
    serve((socket, index) => {
      if (index >= 1 && index <= times) what(socket);
      else ok(socket);
    });
  const reset = (socket: Socket): void => void socket.resetAndDestroy();

  test.each([
    ['reset', reset],
    ['closed', (socket: Socket) => void socket.end()],
  ])('%s before any byte: tried once more at once, within the same attempt', async (_what, kill) => {
    const server = await dying(kill, 1);
    const { send } = sender();
    await send(server.origin);
    const { failure, durationMs } = await send(server.origin);
    expect(failure).toBeNull();
    expect(durationMs).toBeLessThan(1_000);
    expect([server.connections, server.requests.length]).toEqual([2, 3]);
    expect(server.requests[2]).toBe(server.requests[1]);
  });

  test('once, not twice', async () => {
    const server = await dying(reset, 5);
    const { send } = sender();
    await send(server.origin);
    expect((await send(server.origin)).failure?.code).toBe('connection_reset');
    expect(server.requests).toHaveLength(3);
  });

  test('not on a new connection', async () => {
    const server = await serve(reset);
    expect((await sender().send(server.origin)).failure?.code).toBe('connection_reset');
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['a byte of the answer', 'H'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('not after %s', async (_what, text) => {
    const server = await dying((socket) => {
      socket.write(text, () => setTimeout(() => reset(socket), 30));
    }, 1);
    const { send } = sender();
    await send(server.origin);
    expect((await send(server.origin)).failure?.code).toBe('connection_reset');
    expect(server.requests).toHaveLength(2);
  });

  test('not where it just does not answer; and the deadline is one for both tries', async () => {
    const hanging = await dying(() => undefined, 1);
    const { send } = sender();
    await send(hanging.origin);
    const first = await send(hanging.origin, { timeoutSeconds: 1 });
    expect([first.failure?.code, hanging.requests.length]).toEqual(['timeout_headers', 2]);
    const server = await serve((socket, index) => {
      if (index === 0) ok(socket);
      else if (index === 1) setTimeout(() => reset(socket), 600);
    });
    await send(server.origin);
    const second = await send(server.origin, { timeoutSeconds: 1 });
    expect([second.failure?.code, server.requests.length]).toEqual(['timeout_headers', 3]);
    expect(Math.abs(second.durationMs - 1_000)).toBeLessThan(500);
  });

  test('one that was closed while nobody used it costs no attempt', async () => {
    const server = await serve((socket) => {
      ok(socket);
      setImmediate(() => socket.end());
    });
    const { send } = sender();
    await send(server.origin);
    await waitFor('the end of the first connection', () => server.open === 0);
    expect((await send(server.origin)).failure).toBeNull();
    expect([server.connections, server.requests.length]).toEqual([2, 2]);
  });
});

test('once the stage is closed nothing of it is left', async () => {
  const server = await serve(ok);
  const made = makeSender();
  await Promise.all(Array.from({ length: 30 }, () => made.send(server.origin)));
  expect(server.open).toBe(30);
  made.close();
  await waitFor('closed connections', () => server.open === 0);
  await waitFor('no sockets', () => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
});
