import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import {
  createCertificateAuthority,
  createSelfSignedCertificate,
  sendRequest,
  startReceiver,
  type Receiver,
  type ReceiverOptions,
} from '../src/index.js';

const started: Receiver[] = [];
const start = async (options?: ReceiverOptions): Promise<Receiver> => {
  const receiver = await startReceiver(options);
  started.push(receiver);
  return receiver;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((receiver) => receiver.stop()));
});

test('records bytes, headers in order, path and time as they came', async () => {
  const receiver = await start();
  const body = Buffer.from([0x7b, 0x00, 0xff, 0x7d]);
  const before = Date.now();
  await sendRequest('POST', `${receiver.url}/in?x=1`, { headers: { 'X-B': '2', 'x-a': '1' }, body });
  const [request] = await receiver.waitForRequests(1);
  expect(request?.method).toBe('POST');
  expect(request?.path).toBe('/in?x=1');
  expect(request?.body.equals(body)).toBe(true);
  const names = request?.headers.map(([name]) => name) ?? [];
  expect(names.indexOf('X-B')).toBeGreaterThanOrEqual(0);
  expect(names.indexOf('X-B')).toBeLessThan(names.indexOf('x-a'));
  expect(request?.header('X-A')).toBe('1');
  expect(request?.at).toBeGreaterThanOrEqual(before);
});

test('answers as told, per request', async () => {
  const receiver = await start();
  receiver.respond((request, index) => ({
    status: index === 0 ? 503 : 201,
    headers: { 'retry-after': '7' },
    body: `got ${request.text}`,
  }));
  const first = await sendRequest('POST', receiver.url, { body: 'one' });
  const second = await sendRequest('POST', receiver.url, { body: 'two' });
  expect([first.status, first.text, first.headers['retry-after']]).toEqual([503, 'got one', '7']);
  expect([second.status, second.text]).toEqual([201, 'got two']);
});

test('answers late, resets, hangs and talks garbage when told', async () => {
  const receiver = await start();
  receiver.respond({ delayMs: 120 });
  const begunAt = performance.now();
  await sendRequest('GET', receiver.url);
  expect(performance.now() - begunAt).toBeGreaterThan(110);
  receiver.respond({ instead: 'reset' });
  await expect(sendRequest('GET', receiver.url)).rejects.toThrow(/ECONNRESET|hang up/);
  receiver.respond({ instead: 'hang' });
  await expect(sendRequest('GET', receiver.url, { timeoutMs: 150 })).rejects.toThrow(/aborted/);
  receiver.respond({ instead: (socket) => void socket.write('HTTP/9.9 nonsense\r\n\r\n') });
  await expect(sendRequest('GET', receiver.url)).rejects.toThrow(/Parse Error/);
});

test('waiting for more requests than come says how many came', async () => {
  const receiver = await start();
  await sendRequest('GET', receiver.url);
  await expect(receiver.waitForRequests(2, { timeoutMs: 50 })).rejects.toThrow('expected 2 requests, 1 came');
  receiver.clear();
  expect(receiver.requests).toHaveLength(0);
});

test('https is trusted with its authority and not without', async () => {
  const receiver = await start({ https: true });
  const { ca } = receiver;
  expect((await sendRequest('GET', receiver.url, { ca })).status).toBe(200);
  expect((await sendRequest('GET', receiver.url.replace('127.0.0.1', 'localhost'), { ca })).status).toBe(200);
  await expect(sendRequest('GET', receiver.url)).rejects.toThrow(/certificate/);
});

test('certificates can be expired, not valid yet, for another host, or self-signed', async () => {
  const authority = createCertificateAuthority();
  const ca = authority.certificate;
  const past = new Date('2020-01-01T00:00:00Z');
  const future = new Date('2049-01-01T00:00:00Z');
  const hosts = ['127.0.0.1'];
  const expired = await start({ https: authority.issue({ hosts, notBefore: past, notAfter: past }) });
  await expect(sendRequest('GET', expired.url, { ca })).rejects.toThrow('certificate has expired');
  const early = await start({ https: authority.issue({ hosts, notBefore: future, notAfter: future }) });
  await expect(sendRequest('GET', early.url, { ca })).rejects.toThrow('certificate is not yet valid');
  const foreign = await start({ https: authority.issue({ hosts: ['elsewhere.test', '::1'] }) });
  await expect(sendRequest('GET', foreign.url, { ca })).rejects.toThrow(/does not match certificate/);
  const own = await start({ https: createSelfSignedCertificate({ hosts }) });
  await expect(sendRequest('GET', own.url, { ca })).rejects.toThrow('self-signed certificate');
  const right = await start({ https: authority.issue({ hosts: ['::1'] }), host: '::1' });
  expect((await sendRequest('GET', right.url, { ca })).status).toBe(200);
});

test('its certificates are well-formed, whatever length their signatures happen to have', () => {
  const authority = createCertificateAuthority();
  const subjects = Array.from({ length: 150 }, (_, index) => {
    const { certificate } = authority.issue({ hosts: [`${'h'.repeat(1 + (index % 48))}-${index}.test`] });
    return createSecureContext({ cert: certificate }) && new X509Certificate(certificate).subjectAltName;
  });
  expect(new Set(subjects).size).toBe(150);
});
