// Names, addresses and TLS: where a connection goes, whom it trusts, and what an attempt says of it.
import { describe, expect, test } from '@jest/globals';
import { parseEgressRules } from '@postrider/egress';
import {
  createCertificateAuthority,
  createSelfSignedCertificate,
  waitFor,
  type Certificate,
} from '@postrider/test-kit';
import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { deliverStage } from '../../test/deliver-stage.js';
import { ok, okText } from '../../test/raw-server.js';
import { localRules } from '../../test/sender.js';

const { serve, sender } = deliverStage();
const resolveTo =
  (...addresses: string[]) =>
  async (): Promise<LookupAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('TLS', () => {
  const authority = createCertificateAuthority();
  const ca = authority.certificate;
  const tlsOf = ({ certificate, key }: Certificate) => ({ cert: certificate, key });
  const good = (): { cert: string; key: string } =>
    tlsOf(authority.issue({ hosts: ['127.0.0.1', 'hooks.example.test'] }));

  test('a name is connected to at the address that was resolved, with its own name as Host and in SNI', async () => {
    const server = await serve(ok, { tls: good() });
    const { send } = sender({ ca, resolve: resolveTo('127.0.0.1') });
    expect((await send(`https://hooks.example.test:${server.port}`)).failure).toBeNull();
    expect(server.requests[0]).toContain(`\r\nhost: hooks.example.test:${server.port}\r\n`);
    expect(server.serverNames).toEqual(['hooks.example.test']);
  });

  test('an address has no SNI', async () => {
    const server = await serve(ok, { tls: good() });
    expect((await sender({ ca }).send(server.origin)).failure).toBeNull();
    expect(server.serverNames).toEqual([null]);
  });

  test('a kept connection that is reset before any byte is tried once more, a new one is not', async () => {
    const server = await serve(
      (socket, index) => {
        if (index === 0) ok(socket);
        else socket.destroy();
      },
      { tls: good() },
    );
    const { send } = sender({ ca });
    expect((await send(server.origin)).failure).toBeNull();
    expect((await send(server.origin)).failure?.code).toBe('connection_reset');
    expect(server.requests).toHaveLength(3);
  });

  const past = new Date('2020-01-01T00:00:00Z');
  test.each([
    ['expired', () => authority.issue({ hosts: ['127.0.0.1'], notBefore: past, notAfter: past }), 'expired'],
    [
      'not valid yet',
      () =>
        authority.issue({
          hosts: ['127.0.0.1'],
          notBefore: new Date('2049-01-01'),
          notAfter: new Date('2049-02-01'),
        }),
      'not valid yet',
    ],
    ['self-signed', () => createSelfSignedCertificate({ hosts: ['127.0.0.1'] }), 'self-signed'],
    [
      'of an authority that nobody knows',
      () => createCertificateAuthority('Nobody').issue({ hosts: ['127.0.0.1'] }),
      'not trusted',
    ],
    ['for another host', () => authority.issue({ hosts: ['elsewhere.test'] }), 'another host'],
  ])('a certificate that is %s', async (_what, issue, words) => {
    const server = await serve(ok, { tls: tlsOf(issue()) });
    const { failure, response } = await sender({ ca }).send(server.origin);
    expect([failure?.code, response]).toEqual(['tls_certificate', null]);
    expect(failure?.message).toContain(words);
    expect(server.requests).toEqual([]);
    await waitFor('the connection to be closed', () => server.open === 0);
  });

  test.each<[what: string, onConnection: (socket: Socket) => void]>([
    ['plain HTTP', (socket) => void socket.end(okText)],
    ['a close after the client has spoken', (socket) => void socket.once('data', () => socket.end())],
    [
      'a reset after the client has spoken',
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['garbage', (socket) => void socket.end(Buffer.alloc(2_000, 0x16))],
  ])('%s instead of a handshake', async (_what, onConnection) => {
    const server = await serve(ok, { onConnection });
    const { failure } = await sender({ ca }).send(server.origin.replace('http:', 'https:'));
    expect(failure?.code).toBe('tls');
    await waitFor('the connection to be closed', () => server.open === 0);
  });

  test('a connection that is reset before the handshake has begun', async () => {
    const server = await serve(ok, { onConnection: (socket) => void socket.resetAndDestroy() });
    const { failure } = await sender({ ca }).send(server.origin.replace('http:', 'https:'));
    expect(['connection_reset', 'tls']).toContain(failure?.code);
  });

  test('a version that nobody should speak any more', async () => {
    const old = await serve(ok, {
      tls: { ...good(), minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    });
    expect((await sender({ ca }).send(old.origin)).failure?.code).toBe('tls');
  });

  test('a handshake that does not end', async () => {
    const server = await serve(ok, { onConnection: () => undefined });
    const { failure, durationMs } = await sender({ ca }).send(server.origin.replace('http:', 'https:'), {
      timeoutSeconds: 1,
    });
    expect(failure?.code).toBe('timeout_tls');
    expect(Math.abs(durationMs - 1_000)).toBeLessThan(500);
    await waitFor('the connection to be closed', () => server.open === 0);
  });
});

describe('names', () => {
  test('one that does not exist', async () => {
    const { failure, durationMs } = await sender().send('http://nothing.invalid', { timeoutSeconds: 2 });
    expect(failure?.code).toBe('dns');
    expect(durationMs).toBeLessThan(2_500);
  });

  test('one that is not resolved in time; when it is at last, nobody connects any more', async () => {
    const server = await serve(ok);
    let resolve: (addresses: LookupAddress[]) => void = () => undefined;
    const { send } = sender({
      resolve: () =>
        new Promise((settle) => {
          resolve = settle;
        }),
    });
    const { failure, durationMs } = await send(`http://slow.example:${server.port}`, { timeoutSeconds: 1 });
    expect(failure?.code).toBe('dns');
    expect(Math.abs(durationMs - 1_000)).toBeLessThan(500);
    resolve([{ address: '127.0.0.1', family: 4 }]);
    const other = await serve(ok);
    await sender().send(other.origin);
    expect(server.connections).toBe(0);
  });

  test('connections that are opened at the same time share one lookup', async () => {
    const server = await serve(ok);
    let lookups = 0;
    const { send } = sender({
      resolve: async () => {
        lookups += 1;
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    await Promise.all(Array.from({ length: 20 }, () => send(`http://some.example:${server.port}`)));
    expect([server.requests.length, lookups]).toEqual([20, 1]);
  });

  test('with several addresses, one that works is found', async () => {
    const server = await serve(ok);
    const { send } = sender({ resolve: resolveTo('::1', '127.0.0.1') });
    expect((await send(`http://both.example:${server.port}`)).failure).toBeNull();
  });
});

describe('forbidden addresses', () => {
  const strict = parseEgressRules({ ALLOW_HTTP_ENDPOINTS: 'true', EGRESS_PORTS: '*' });

  test.each([
    ['a name for a forbidden address', 'http://evil.example', ['127.0.0.1']],
    [
      'a name with one forbidden address among good ones',
      'http://evil.example',
      ['93.184.216.34', '10.0.0.1'],
    ],
    ['a name for the metadata service', 'http://evil.example', ['169.254.169.254']],
    ['a name for an IPv4 address in IPv6', 'http://evil.example', ['::ffff:127.0.0.1']],
    ['an address', 'http://127.0.0.1', []],
    ['an IPv6 address', 'http://[::1]', []],
    ['an address with a zone', 'http://evil.example', ['fe80::1%lo']],
  ])('%s is blocked before anything is connected', async (_what, origin, addresses) => {
    const server = await serve(ok);
    const { send } = sender({ rules: strict, resolve: resolveTo(...addresses) });
    const { failure, response } = await send(`${origin}:${server.port}`);
    expect([failure?.code, response]).toEqual(['egress_blocked', null]);
    expect(failure?.message).not.toMatch(/\d+\.\d+|::/);
    expect(server.connections).toBe(0);
  });

  test('this machine by its name, as the system resolves it', async () => {
    const server = await serve(ok);
    const { failure } = await sender({ rules: strict }).send(`http://localhost:${server.port}`);
    expect(failure?.code).toBe('egress_blocked');
    expect((await sender({ rules: localRules }).send(`http://localhost:${server.port}`)).failure).toBeNull();
  });

  test('a name that changes its address between judgement and connect goes to the one that was judged', async () => {
    const server = await serve(ok);
    let calls = 0;
    const { send } = sender({
      resolve: async () => {
        calls += 1;
        return [{ address: calls === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
      },
    });
    expect((await send(`http://rebinding.example:${server.port}`)).failure).toBeNull();
    expect(calls).toBe(1);
  });
});
