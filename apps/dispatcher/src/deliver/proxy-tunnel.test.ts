// EGRESS_PROXY: what goes through the proxy, and what does not get as far.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { parseEgressRules } from '@postrider/egress';
import { createCertificateAuthority } from '@postrider/test-kit';
import { deliverStage } from '../../test/deliver-stage.js';
import { ok } from '../../test/raw-server.js';
import { localRules } from '../../test/sender.js';
import { parseProxyUrl, type EgressProxy } from './proxy-tunnel.js';

const { serve, sender, cleanUps } = deliverStage();

/** A proxy as Squid is one: tunnels to where CONNECT says, for those who say who they are. */
async function startProxy(answer?: (socket: Socket) => void) {
  const asked: { readonly authority: string | undefined; readonly authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.on('connect', (request, client: Socket) => {
    asked.push({ authority: request.url, authorization: request.headers['proxy-authorization'] });
    if (answer !== undefined) return answer(client);
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    client.once('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const proxy = parseProxyUrl(`http://post:s%40cret@127.0.0.1:${port}`);
  if (proxy === null) throw new Error('this is a URL of a proxy');
  return { asked, proxy };
}

const resolve = async () => [{ address: '127.0.0.1', family: 4 }];

test('the proxy is asked for the address that was judged; Host and SNI stay the name', async () => {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue({ hosts: ['hooks.example.test'] });
  const server = await serve(ok, { tls: { cert: certificate, key } });
  const { asked, proxy } = await startProxy();
  const { send } = sender({ ca: authority.certificate, resolve, proxy });
  for (let twice = 0; twice < 2; twice += 1) {
    expect((await send(`https://hooks.example.test:${server.port}`)).failure).toBeNull();
  }
  // One tunnel for both, as one connection would have done.
  expect(asked).toEqual([
    {
      authority: `127.0.0.1:${server.port}`,
      authorization: `Basic ${Buffer.from('post:s@cret').toString('base64')}`,
    },
  ]);
  expect(server.serverNames).toEqual(['hooks.example.test']);
  expect(server.requests[1]).toContain(`\r\nhost: hooks.example.test:${server.port}\r\n`);
  expect(server.requests.join()).not.toMatch(/proxy/i);
});

test('http goes through a tunnel too', async () => {
  const server = await serve(ok);
  const { asked, proxy } = await startProxy();
  expect((await sender({ proxy }).send(server.origin)).failure).toBeNull();
  expect(asked).toHaveLength(1);
});

test('what is forbidden does not get as far as the proxy', async () => {
  const { asked, proxy } = await startProxy();
  const rules = parseEgressRules({ ALLOW_HTTP_ENDPOINTS: 'true', EGRESS_PORTS: '*' });
  const { send } = sender({ rules, resolve, proxy });
  for (const origin of ['http://169.254.169.254', 'http://hooks.example.test']) {
    expect((await send(origin)).failure?.code).toBe('egress_blocked');
  }
  expect(asked).toEqual([]);
});

test.each<[string, (socket: Socket) => void, string]>([
  [
    'refuses',
    (socket) => void socket.end('HTTP/1.1 403 No way to db.internal\r\n\r\n'),
    'connection_refused',
  ],
  [
    'answers something else',
    (socket) => void socket.end(`hello ${'x'.repeat(20_000)}`),
    'connection_refused',
  ],
  ['closes', (socket) => void socket.end(), 'connection_reset'],
  ['says nothing', () => undefined, 'timeout_connect'],
])('a proxy that %s', async (_what, answer, code) => {
  const { proxy } = await startProxy(answer);
  const { failure } = await sender({ proxy }).send('http://127.0.0.1:9', { timeoutSeconds: 1 });
  expect(failure?.code).toBe(code);
  expect(failure?.message).not.toMatch(/internal|127\.0\.0\.1/);
});

test('a proxy that is away', async () => {
  const { proxy } = await startProxy();
  const away: EgressProxy = { ...proxy, port: 1 };
  const { failure } = await sender({ rules: localRules, proxy: away }).send('http://127.0.0.1:9');
  expect(failure).toMatchObject({ code: 'connection_refused' });
});

test.each(['proxy:3128', 'https://proxy', 'socks5://proxy', 'http://proxy/path', 'http://%zz@proxy', ''])(
  '%j is no URL of a proxy',
  (text) => {
    expect(parseProxyUrl(text)).toBeNull();
  },
);

test('a URL of a proxy', () => {
  expect(parseProxyUrl('http://[::1]:3128')).toEqual({ hostname: '::1', port: 3128, authorization: null });
  expect(parseProxyUrl('http://proxy.example.com/')).toMatchObject({
    hostname: 'proxy.example.com',
    port: 80,
  });
});
