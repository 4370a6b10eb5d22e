import { expect, test } from '@jest/globals';
import { parseEgressRules } from '@postrider/egress';
import { makeWebhook } from '../../test/makers.js';
import { EndpointBook } from './endpoint-book.js';

const strict = parseEgressRules({});
const local = parseEgressRules({
  ALLOW_HTTP_ENDPOINTS: 'true',
  EGRESS_ALLOW: '127.0.0.0/8,::1/128',
  EGRESS_PORTS: '*',
});

test.each([
  ['https://example.com', 'https://example.com', '/'],
  ['https://example.com/a%20b/c?d=e&f', 'https://example.com', '/a%20b/c?d=e&f'],
  ['https://EXAMPLE.com:443/x', 'https://example.com', '/x'],
  ['https://bücher.example/ü', 'https://xn--bcher-kva.example', '/%C3%BC'],
])('%s goes to %s %s', (Url, origin, path) => {
  expect(new EndpointBook(strict).of(makeWebhook({ Url }))).toEqual({
    kind: 'open',
    origin,
    path,
    isLoopback: false,
  });
});

test.each([
  'http://example.com',
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://0x7f.1/',
  'https://169.254.169.254/latest',
  'https://localhost/',
  'https://example.com:8443/',
  'https://user@example.com/',
  'not a url',
])('%s is blocked, also where it was saved under milder rules', (Url) => {
  const endpoint = new EndpointBook(strict).of(makeWebhook({ Url }));
  expect(endpoint).toMatchObject({ kind: 'blocked', failure: { code: 'egress_blocked' } });
});

test('a webhook without a URL has no endpoint', () => {
  expect(new EndpointBook(strict).of(makeWebhook({ Url: null })).kind).toBe('blocked');
});

test('local rules open loopback', () => {
  const book = new EndpointBook(local);
  expect(book.of(makeWebhook({ Url: 'http://[::1]:8080/x' }))).toEqual({
    kind: 'open',
    origin: 'http://[::1]:8080',
    path: '/x',
    isLoopback: true,
  });
});

test('the caps of origins spare loopback, unless told otherwise', () => {
  const at = (Url: string) => makeWebhook({ Url });
  const sparing = new EndpointBook(local);
  for (const url of ['http://127.0.0.1:1/a', 'http://[::1]:2/a', 'http://localhost:3/a'])
    expect(sparing.limitedOrigin(at(url))).toBeNull();
  expect(sparing.limitedOrigin(at('https://example.com/a'))).toBe('https://example.com');
  expect(new EndpointBook(local, true).limitedOrigin(at('http://127.0.0.1:1/a'))).toBe('http://127.0.0.1:1');
});

test('a new version of a webhook is judged anew, the same one is not', () => {
  const book = new EndpointBook(strict);
  const webhook = makeWebhook({ Url: 'https://one.example/' });
  const first = book.of(webhook);
  expect(book.of(webhook)).toBe(first);
  const second = book.of({ ...webhook, Url: 'https://two.example/', Version: 2 });
  expect(second).toMatchObject({ origin: 'https://two.example' });
});
