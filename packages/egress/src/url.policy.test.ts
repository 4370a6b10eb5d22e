import { expect, test } from '@jest/globals';
import { parseEgressRules } from './rules.policy.js';
import { judgeUrl, type UrlRefusal } from './url.policy.js';

const strict = parseEgressRules({});
const local = parseEgressRules({
  ALLOW_HTTP_ENDPOINTS: 'true',
  EGRESS_ALLOW: '127.0.0.0/8,::1/128',
  EGRESS_PORTS: '*',
});

function verdict(raw: string, rules = strict): 'ok' | UrlRefusal {
  const judgement = judgeUrl(raw, rules);
  return judgement.ok ? 'ok' : judgement.code;
}

const words = (text: string) => text.trim().split(/\s+/);

// Loopback in every notation that WHATWG parsing reads as an address or as the name.
const loopbackNotations = words(`
  127.0.0.1 127.255.255.254 127.0.0.1. 127.1 127.0.1 127.1. 127.0.0x 2130706433 0x7f000001 0X7F000001 0x7f.1
  0x7f.0x0.0x0.0x1 017700000001 0177.0.0.1 00000177.0.0.01 ①②⑦.0.0.1 ①②⑦｡⓪｡⓪｡① １２７.０.０.１ 127。0。0。1 0x7f。1
  %31%32%37.0.0.1 127%2e0.0.1 127.0.0.1%2e 127.0.0.1%E3%80%82 [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::0.0.0.1]
  [::ffff:127.0.0.1] [::FFFF:7F00:1] [0:0:0:0:0:ffff:127.0.0.1] localhost LOCALHOST localhost. a.localhost
  a.b.LocalHost. ｌocalhost loc%61lhost 𝕝𝕠𝕔𝕒𝕝𝕙𝕠𝕤𝕥 localhost.localdomain localhost4 localhost4.localdomain4 localhost6
  localhost6.localdomain6 ip6-localhost ip6-loopback`);

// Forbidden everywhere, in local mode too.
const forbiddenHosts = words(`
  0.0.0.0 0 0x 0x.0x 00.0 ① 256 0256 10.0.0.1 10.1 0xa000001 167772161 012.1 172.16.0.1 172.31.255.255 192.168.1.1
  3232235777 192.0.0.1 192.0.2.1 192.88.99.1 100.64.0.1 169.254.169.254 2852039166 0xA9FEA9FE 0251.0376.0251.0376
  169.254.43518 １６９.254.169.254 168.63.129.16 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
  255.255.255.255 4294967295 [::] [0::0] [::ffff:0:0] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [::ffff:8.8.8.8]
  [::127.0.0.1] [::8.8.8.8] [64:ff9b::8.8.8.8] [64:ff9b:1::1] [2002:7f00:1::] [2001::1] [2001:db8::1] [3fff::1]
  [5f00::1] [100::1] [fc00::1] [fd00:ec2::254] [fe80::1] [fec0::1] [ff02::1] [4000::1]`);

test.each(loopbackNotations)('https://%s/ is refused, and allowed where loopback is', (host) => {
  expect(verdict(`https://${host}/`)).toBe('url_address');
  expect(verdict(`http://${host}:8080/`, local)).toBe('ok');
});

test.each(forbiddenHosts)('https://%s/ is refused in every mode', (host) => {
  expect([verdict(`https://${host}/`), verdict(`https://${host}/`, local)]).toEqual([
    'url_address',
    'url_address',
  ]);
});

const spaced = [
  ' https://a.com/',
  'https://a.com/ ',
  'https://a\t.com/',
  'https://a\n.com/',
  '\0',
  'https://a.com/b c',
  'not a url',
  'https://a.com/\r\nHost: x',
  'https://a.com/\u0000',
  '\u001fhttps://a.com/',
  'https://a.com/\u007f',
  'https://a.com/\u0085',
  'https://a.com/\u00a0',
  'https://a\u00ad.com',
  'https://a\u200b.com/',
  'https://a.com/\u202eb',
  'https://a.com/\u2028',
  '\ufeffhttps://a.com/',
  'https://a.com/\ud800',
  'https://\udc00.com/',
  'https://a.com/\u3000',
];

const refused: Record<UrlRefusal, readonly string[]> = {
  url_too_long: [`https://a.com/${'a'.repeat(2035)}`, `https://a.com/${'é'.repeat(400)}`, 'x'.repeat(1e7)],
  url_forbidden_character: spaced,
  url_invalid: [
    '',
    ...words(`example.com /path //example.com/x https:// https: https:/// https https://?x https://@
      https://example.com:65536/ https://example.com:1a/ https://example.com:-1/ https://exa%00mple.com/
      https://127.0.0.1%20/ https://a^b.com/ https://<b>.com/ https://a|b.com/ https://256.256.256.256/
      https://1.2.3.4.5/ https://4294967296/ https://0x100000000/ https://foo.1/ https://foo.0x4/ https://08/
      https://0.0.0.0x100/ https://[::1/ https://::1/ https://[1::2::3]/ https://[1.2.3.4]/ https://[fe80::1%25eth0]/
      https://[fe80::1%eth0]/ https://[::ffff:01.2.3.4]/ https://[::1].com/ https://xn--/ https://xn--0.com/
      https://example.com／path https://example.com＠evil.com/ https://‥.com/`),
  ],
  url_scheme:
    words(`http://example.com/ HTTP://example.com/ http://127.0.0.1/ ftp://example.com/ ws://example.com/
    file:///etc/passwd javascript:alert(1) data:text/plain,x gopher://example.com/ mailto:a@example.com
    example.com:443 localhost:8080/x blob:https://example.com/1 unix:/run/x.sock httpss://example.com/`),
  url_userinfo: words(`https://user@example.com/ https://user:pass@example.com/ https://:pass@example.com/
    https://@example.com/ https://:@example.com/ https://@@example.com/ https://example.com@10.0.0.1/
    https:user@example.com https:\\\\user@example.com/ https:///@example.com/ https://a%40b@example.com/
    https://example.com:443@a.com/`),
  url_fragment: words(
    'https://example.com/# https://example.com/#a https://example.com# https://example.com/?a#b#c',
  ),
  url_port:
    words(`https://example.com:80/ https://example.com:22/ https://example.com:8443/ https://example.com:0/
    https://example.com:65535/ https://example.com:00025/`),
  url_host:
    words(`https://./ https://../ https://a..com/ https://.example.com/ https://example.com../ https://*.com/
    https://127.0.0.1../ https://localhost../ https://a,b.com/ https://{region}.com/ https://a!.com/ https://'.com/
    https://a;b.com/ https://${'a'.repeat(64)}.com/ https://${'a.'.repeat(130)}com/`),
  url_address: words(
    `https://127.0.0.1:443\\@example.com/ https://localhost?@example.com https:127.0.0.1 https:/10.1`,
  ),
};
const refusedUrls = Object.entries(refused).flatMap(([code, urls]) => urls.map((url) => ({ code, url })));

test.each(refusedUrls.map(({ code, url }) => [url.slice(0, 60), code, url]))(
  'refuses %j as %s',
  (_, code, url) => {
    expect(verdict(url ?? '')).toBe(code);
  },
);

// As typed; as kept; host; host as people read it. All have port 443.
const kept = `
  https://example.com https://example.com/ example.com example.com
  HTTPS://EXAMPLE.COM:443/A?b=C https://example.com/A?b=C example.com example.com
  https://example.com:/ https://example.com/ example.com example.com
  https://example.com:00443/ https://example.com/ example.com example.com
  https://example.com./x https://example.com./x example.com example.com
  https://a_b.example.com/? https://a_b.example.com/? a_b.example.com a_b.example.com
  https://example.com/a/../b/%2e%2e/c https://example.com/c example.com example.com
  https://example.com/@user?to=a@b https://example.com/@user?to=a@b example.com example.com
  https://example.com/%23%00?%20 https://example.com/%23%00?%20 example.com example.com
  https:\\\\example.com\\@10.0.0.1 https://example.com/@10.0.0.1 example.com example.com
  https://ⓔxample.com/ https://example.com/ example.com example.com
  https://bücher.example/ü?ü https://xn--bcher-kva.example/%C3%BC?%C3%BC xn--bcher-kva.example bücher.example
  https://BÜCHER.example/ https://xn--bcher-kva.example/ xn--bcher-kva.example bücher.example
  https://xn--bcher-kva.example/ https://xn--bcher-kva.example/ xn--bcher-kva.example bücher.example
  https://faß.de/ https://xn--fa-hia.de/ xn--fa-hia.de faß.de
  https://例え.テスト/ https://xn--r8jz45g.xn--zckzah/ xn--r8jz45g.xn--zckzah 例え.テスト
  https://مثال.إختبار/ https://xn--mgbh0fb.xn--kgbechtv/ xn--mgbh0fb.xn--kgbechtv مثال.إختبار
  https://💩.la/💩 https://xn--ls8h.la/%F0%9F%92%A9 xn--ls8h.la 💩.la
  https://pаypal.com/ https://xn--pypal-4ve.com/ xn--pypal-4ve.com pаypal.com
  https://8.8.8.8/ https://8.8.8.8/ 8.8.8.8 8.8.8.8
  https://134744072/ https://8.8.8.8/ 8.8.8.8 8.8.8.8
  https://[2606:4700::1111]/ https://[2606:4700::1111]/ 2606:4700::1111 2606:4700::1111
  https://metadata.google.internal/ https://metadata.google.internal/ metadata.google.internal metadata.google.internal
  https://intranet/ https://intranet/ intranet intranet
  https://localhost.example.com/ https://localhost.example.com/ localhost.example.com localhost.example.com
  https://notlocalhost/ https://notlocalhost/ notlocalhost notlocalhost
  https://127.0.0.1.nip.io/ https://127.0.0.1.nip.io/ 127.0.0.1.nip.io 127.0.0.1.nip.io`;

test.each(kept.trim().split('\n').map(words))('keeps %s as %s', (raw, url, host, hostUnicode) => {
  expect(judgeUrl(raw ?? '', strict)).toEqual({ ok: true, url, host, port: 443, hostUnicode });
  expect(judgeUrl(url ?? '', strict)).toEqual({ ok: true, url, host, port: 443, hostUnicode });
});

test('2048 characters are allowed', () => {
  expect(verdict(`https://example.com/${'a'.repeat(2028)}`)).toBe('ok');
});

test('http and ports follow the rules', () => {
  const http = parseEgressRules({ ALLOW_HTTP_ENDPOINTS: 'true' });
  expect(judgeUrl('http://example.com/', http)).toMatchObject({
    ok: true,
    port: 80,
    url: 'http://example.com/',
  });
  expect(verdict('http://example.com:443/', http)).toBe('ok');
  expect(verdict('http://example.com:8080/', http)).toBe('url_port');
  expect(verdict('ftp://example.com/', http)).toBe('url_scheme');
  const ports = parseEgressRules({ ALLOW_HTTP_ENDPOINTS: 'true', EGRESS_PORTS: '8443' });
  expect([verdict('https://example.com:8443/', ports), verdict('http://example.com/', ports)]).toEqual([
    'ok',
    'url_port',
  ]);
  expect([verdict('https://a.com:1/', local), verdict('https://a.com:0/', local)]).toEqual([
    'ok',
    'url_port',
  ]);
});

test('a deny rule closes localhost and literals again', () => {
  const rules = parseEgressRules({ EGRESS_ALLOW: '127.0.0.0/8', EGRESS_DENY: '127.0.0.1,9.9.9.9' });
  expect(
    ['localhost', '127.1', '9.9.9.9', '127.0.0.2'].map((host) => verdict(`https://${host}/`, rules)),
  ).toEqual(['url_address', 'url_address', 'url_address', 'ok']);
});

test('the names of ::1 need ::1, the others 127.0.0.1', () => {
  const ipv4 = parseEgressRules({ EGRESS_ALLOW: '127.0.0.0/8' });
  expect(['localhost', 'ip6-localhost'].map((host) => verdict(`https://${host}/`, ipv4))).toEqual([
    'ok',
    'url_address',
  ]);
});

test('details say what to do and never name the address behind a notation', () => {
  for (const { url } of refusedUrls) {
    expect(judgeUrl(url, strict)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^The URL .*; .+\.$/),
    });
  }
  for (const host of [...loopbackNotations, ...forbiddenHosts]) {
    const judgement = judgeUrl(`https://${host}/`, strict);
    expect(judgement.ok ? '' : judgement.detail).not.toMatch(/\d{1,3}\.\d{1,3}|::|localhost/);
  }
});

test('a hostile text is judged in linear time', () => {
  const startMs = performance.now();
  for (const part of ['@', '.', '1.', 'xn--a.', '[', '%', '\\', ':', 'localhost.', 'é']) {
    verdict(`https://${part.repeat(Math.floor(2040 / part.length))}`);
  }
  expect(performance.now() - startMs).toBeLessThan(5_000); // measured: 3; anything quadratic takes longer
});
