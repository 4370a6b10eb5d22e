import { BlockList, isIP } from 'node:net';
import { expect, test } from '@jest/globals';
import { judgeAddress, type AddressRefusal } from './address.policy.js';
import { parseEgressRules } from './rules.policy.js';

const strict = parseEgressRules({});
const local = parseEgressRules({ EGRESS_ALLOW: '127.0.0.0/8,::1/128' });

function verdict(ip: string, rules = strict): 'ok' | AddressRefusal {
  const judgement = judgeAddress(ip, rules);
  return judgement.allowed ? 'ok' : judgement.reason;
}

// Each range with its first and last address, and its neighbours where those are public.
const table: readonly (readonly ['ok' | AddressRefusal, readonly string[]])[] = [
  ['ok', ['1.0.0.0', '1.1.1.1', '8.8.8.8', '93.184.216.34', '223.255.255.255', '192.0.0.9', '192.0.0.10']],
  ['ok', ['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0']],
  [
    'ok',
    ['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
  ],
  ['ok', ['191.255.255.255', '192.0.1.0', '192.0.3.0', '192.88.98.255', '192.88.100.0', '198.17.255.255']],
  ['ok', ['198.20.0.0', '198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '168.63.129.17']],
  ['ok', ['192.31.196.1', '192.52.193.1', '192.175.48.1', '168.63.129.15']], // special purpose, but reachable
  [
    'ok',
    ['2000::', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e', '3ffe:ffff:ffff::', '2620:4f:8000::1'],
  ],
  [
    'ok',
    ['2001:1::1', '2001:1::2', '2001:1::3', '2001:3::1', '2001:4:112::1', '2001:20::', '2001:2f:ffff::'],
  ],
  [
    'ok',
    ['2001:30::1', '2001:3f:ffff::', '2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '3fff:1000::'],
  ],
  ['unspecified', ['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::0.0.0.0']],
  [
    'reserved',
    ['0.0.0.1', '0.255.255.255', '192.0.0.0', '192.0.0.8', '192.0.0.11', '192.0.0.170', '192.0.0.192'],
  ],
  ['reserved', ['192.0.0.255', '192.88.99.0', '192.88.99.1', '198.18.0.0', '198.19.255.255', '240.0.0.0']],
  ['reserved', ['255.255.255.254', '100::', '100::ffff:ffff:ffff:ffff', '100:0:0:1::1', '200::', '1fff::1']],
  [
    'reserved',
    ['2001:1::', '2001:1::4', '2001:2::1', '2001:4:111::1', '2001:10::1', '2001:40::1', '2001:1ff::1'],
  ],
  ['reserved', ['5f00::', '5f00:ffff::1', '4000::', '6000::1', 'a000::1', 'e000::1', 'f800::1', 'fe00::1']],
  [
    'private',
    ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ],
  [
    'private',
    ['100.64.0.0', '100.100.100.200', '100.127.255.255', 'fc00::', 'fd00:ec2::254', 'fdff:ffff::1'],
  ],
  ['private', ['fec0::', 'feff:ffff::1']],
  [
    'loopback',
    ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1', '0000::0001', '::0.0.0.1'],
  ],
  ['link_local', ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::', 'fe80::1', 'febf:ffff::1']],
  ['cloud_platform', ['168.63.129.16']],
  ['multicast', ['224.0.0.0', '224.0.0.251', '239.255.255.255', 'ff00::', 'ff02::1', 'ffff:ffff::1']],
  ['broadcast', ['255.255.255.255']],
  ['documentation', ['192.0.2.0', '192.0.2.255', '198.51.100.7', '203.0.113.255', '2001:db8::', '3fff::']],
  ['documentation', ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff']],
  ['ipv4_in_ipv6', ['::ffff:0:0', '::ffff:0.0.0.0', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8']],
  [
    'ipv4_in_ipv6',
    ['::FFFF:10.0.0.1', '0:0:0:0:0:ffff:a00:1', '::2', '::7f00:1', '::127.0.0.1', '::8.8.8.8'],
  ],
  ['ipv4_in_ipv6', ['64:ff9b::', '64:ff9b::8.8.8.8', '64:ff9b::7f00:1', '64:ff9b:1::', '64:ff9b:1:ffff::1']],
  ['ipv4_in_ipv6', ['2002::', '2002:7f00:1::', '2002:808:808::1', '2001::', '2001:0:ffff::1']],
  ['reserved', ['64:ff9b:0:1::', '64:ff9b:2::1', '::1:0:0:1', '::ffff:0:7f00:1']],
  [
    'not_an_address',
    ['', ' ', 'localhost', '127.1', '127.0.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '127.0.0.01'],
  ],
  [
    'not_an_address',
    ['127.0.0.1 ', ' 127.0.0.1', '127.0.0.1.', '127.0.0.256', '1.2.3', '1.2.3.4.5', '1.2.3.', '١.1.1.1'],
  ],
  [
    'not_an_address',
    ['[::1]', '::1%lo', 'fe80::1%eth0', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', ':::', ':1::'],
  ],
  [
    'not_an_address',
    ['1:2:3:4:5:6:7::8', '::g', '::12345', '::1.2.3', '::1.2.3.4:5', '::ffff:127.0.0.01', '1.2.3.4::'],
  ],
  ['not_an_address', ['8.8.8.8/32', '+1.1.1.1', '1.1.1.-1', '1e1.1.1.1', '::-1', '1'.repeat(100_000)]],
];

test.each(table.flatMap(([expected, ips]) => ips.map((ip) => [ip, expected] as const)))(
  'a strict server judges %p as %s',
  (ip, expected) => {
    expect(verdict(ip)).toBe(expected);
  },
);

test('local mode opens loopback in every form, and nothing else', () => {
  for (const ip of ['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '8.8.8.8']) {
    expect([ip, verdict(ip, local)]).toEqual([ip, 'ok']);
  }
  const closed = [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '::ffff:10.0.0.1',
  ];
  for (const ip of [...closed, '::ffff:0.0.0.0', '2002:7f00:1::', 'fe80::1']) {
    expect([ip, verdict(ip, local)]).not.toEqual([ip, 'ok']);
  }
});

test('deny wins over allow, also inside IPv6 forms that carry an IPv4 address', () => {
  const rules = parseEgressRules({
    EGRESS_ALLOW: '0.0.0.0/0 ::/0',
    EGRESS_DENY: '10.0.0.0/8,8.8.4.4,2001:db8::/32',
  });
  const denied = ['10.1.2.3', '8.8.4.4', '2001:db8::1', '::ffff:10.0.0.1', '::10.0.0.1', '64:ff9b::a00:1'];
  for (const ip of [...denied, '2002:a00:1::']) expect([ip, verdict(ip, rules)]).toEqual([ip, 'denied']);
  for (const ip of [
    '192.168.0.1',
    '::1',
    '64:ff9b::808:808',
    '2002:b00:1::',
    'ff02::1',
    '::ffff:192.168.0.1',
  ]) {
    expect([ip, verdict(ip, rules)]).toEqual([ip, 'ok']);
  }
});

test('the unspecified addresses need an exact permission', () => {
  const wide = parseEgressRules({ EGRESS_ALLOW: '0.0.0.0/0 0.0.0.0/31 ::/0 ::/127 ::ffff:0:0/96' });
  for (const ip of ['0.0.0.0', '::', '::ffff:0.0.0.0']) expect(verdict(ip, wide)).not.toBe('ok');
  const exact = parseEgressRules({ EGRESS_ALLOW: '0.0.0.0/32, ::' });
  for (const ip of ['0.0.0.0', '::', '::ffff:0.0.0.0']) expect(verdict(ip, exact)).toBe('ok');
  expect(verdict('0.0.0.0', parseEgressRules({ EGRESS_ALLOW: '::' }))).toBe('unspecified');
});

test('a mapped range in a rule means the IPv4 range', () => {
  const rules = parseEgressRules({ EGRESS_ALLOW: '::ffff:10.0.0.0/104', EGRESS_DENY: '::ffff:9.9.9.9' });
  expect([verdict('10.9.9.9', rules), verdict('::ffff:10.0.0.1', rules), verdict('9.9.9.9', rules)]).toEqual([
    'ok',
    'ok',
    'denied',
  ]);
});

test('agrees with node:net on what is an address and on what is in a range', () => {
  let seed = 42;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  const text = () => {
    const alphabet =
      random(2) === 0 ? ['0', '1', 'f', ':', '::', 'ffff:', '.', '127', 'db8'] : ['0', '.', '25', '1', ':'];
    return Array.from({ length: 1 + random(12) }, () => alphabet[random(alphabet.length)]).join('');
  };
  const anything = parseEgressRules({ EGRESS_ALLOW: '0.0.0.0/0 ::/0 0.0.0.0 ::' });
  const disagreements: string[] = [];
  let addresses = 0;
  for (let i = 0; i < 50_000; i++) {
    const ip = text();
    if (isIP(ip) !== 0) addresses++;
    if ((verdict(ip, anything) === 'ok') !== (isIP(ip) !== 0)) disagreements.push(ip);
  }
  expect(disagreements).toEqual([]);
  expect(addresses).toBeGreaterThan(300);

  for (let i = 0; i < 2_000; i++) {
    const [prefix, block] = [random(33), new BlockList()];
    const word = (random(256) * 2 ** 24 + random(2 ** 24)) >>> 0;
    const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    const start = prefix === 0 ? 0 : ((word >>> (32 - prefix)) << (32 - prefix)) >>> 0;
    block.addSubnet(dotted(start), prefix, 'ipv4');
    const rules = parseEgressRules({ EGRESS_DENY: `${dotted(start)}/${prefix}` });
    for (const near of [word, start, start - 1, word ^ (1 << random(32))]) {
      const ip = dotted(near >>> 0);
      expect([ip, start, prefix, verdict(ip, rules) === 'denied']).toEqual([
        ip,
        start,
        prefix,
        block.check(ip, 'ipv4'),
      ]);
    }
  }
});
