import {
  embeddedIpv4,
  isWithin,
  mappedIpv4,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from './ip.policy.js';

/** What an operator has configured about where webhooks may go. */
export interface EgressRules {
  readonly allow: readonly Cidr[];
  readonly deny: readonly Cidr[];
  readonly ports: 'any' | ReadonlySet<number>;
  readonly allowHttp: boolean;
}

/** Why an address may not be connected to. */
export type AddressRefusal =
  | 'not_an_address'
  | 'denied'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'link_local'
  | 'cloud_platform'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'ipv4_in_ipv6'
  | 'reserved';

export type AddressJudgement = { allowed: true } | { allowed: false; reason: AddressRefusal };

/**
 * The IANA special-purpose registries (IPv4 and IPv6, as of October 2025) where they do not say "globally
 * reachable", and what else is no global unicast address. The first range that holds an address decides.
 */
const builtIn: readonly (readonly [Cidr, AddressRefusal | 'reachable'])[] = (
  [
    ['0.0.0.0/32', 'unspecified'],
    ['0.0.0.0/8', 'reserved'], // this network, RFC 791
    ['10.0.0.0/8', 'private'], // RFC 1918
    ['100.64.0.0/10', 'private'], // carrier-grade NAT, RFC 6598
    ['127.0.0.0/8', 'loopback'],
    ['168.63.129.16/32', 'cloud_platform'], // Azure's wire server: public by number, the host's by nature
    ['169.254.0.0/16', 'link_local'], // with the metadata service of most clouds
    ['172.16.0.0/12', 'private'],
    ['192.0.0.9/32', 'reachable'], // PCP anycast, RFC 7723
    ['192.0.0.10/32', 'reachable'], // TURN anycast, RFC 8155
    ['192.0.0.0/24', 'reserved'], // IETF protocol assignments, RFC 6890
    ['192.0.2.0/24', 'documentation'],
    ['192.88.99.0/24', 'reserved'], // 6to4 relay anycast, withdrawn by RFC 7526
    ['192.168.0.0/16', 'private'],
    ['198.18.0.0/15', 'reserved'], // benchmarking, RFC 2544
    ['198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', 'documentation'],
    ['224.0.0.0/4', 'multicast'],
    ['255.255.255.255/32', 'broadcast'],
    ['240.0.0.0/4', 'reserved'],
    ['0.0.0.0/0', 'reachable'],

    ['::/128', 'unspecified'],
    ['::1/128', 'loopback'],
    ['::/96', 'ipv4_in_ipv6'], // IPv4-compatible, deprecated by RFC 4291
    ['64:ff9b::/96', 'ipv4_in_ipv6'], // NAT64: "reachable" to IANA, a way to any IPv4 address to us
    ['64:ff9b:1::/48', 'ipv4_in_ipv6'], // NAT64 of one's own, RFC 8215
    ['100::/64', 'reserved'], // discard, RFC 6666
    ['2001:1::1/128', 'reachable'], // PCP anycast
    ['2001:1::2/128', 'reachable'], // TURN anycast
    ['2001:1::3/128', 'reachable'], // DNS-SD SRP anycast, RFC 9665
    ['2001:3::/32', 'reachable'], // AMT, RFC 7450
    ['2001:4:112::/48', 'reachable'], // AS112-v6, RFC 7535
    ['2001:20::/28', 'reachable'], // ORCHIDv2, RFC 7343
    ['2001:30::/28', 'reachable'], // drone remote ids, RFC 9374
    ['2001::/32', 'ipv4_in_ipv6'], // Teredo, RFC 4380
    ['2001::/23', 'reserved'], // IETF protocol assignments, RFC 2928
    ['2001:db8::/32', 'documentation'],
    ['2002::/16', 'ipv4_in_ipv6'], // 6to4, RFC 3056
    ['3fff::/20', 'documentation'], // RFC 9637
    ['5f00::/16', 'reserved'], // SRv6 SIDs, RFC 9602
    ['fc00::/7', 'private'], // unique local, RFC 4193
    ['fe80::/10', 'link_local'],
    ['fec0::/10', 'private'], // site-local, deprecated by RFC 3879
    ['ff00::/8', 'multicast'],
    ['2000::/3', 'reachable'], // the only part of IPv6 that is given out as global unicast
  ] as const
).map(([range, verdict]) => [builtInRange(range), verdict] as const);

/**
 * May Postrider connect to this address (as a resolver or `net.isIP` writes it)? `deny` wins over everything and
 * also looks inside IPv6 forms that carry an IPv4 address; then `allow` wins over the built-in ranges, except that
 * 0.0.0.0 and :: (this very host, on Linux) must be allowed by themselves. A v4-mapped address is refused whatever
 * it maps, unless `allow` holds the mapped one. Zone ids (`fe80::1%eth0`) are no addresses here.
 */
export function judgeAddress(ip: string, rules: EgressRules): AddressJudgement {
  const address = parseIp(ip);
  if (address === null) return { allowed: false, reason: 'not_an_address' };
  const embedded = embeddedIpv4(address);
  if (isIn(address, rules.deny) || (embedded !== null && isIn(embedded, rules.deny))) {
    return { allowed: false, reason: 'denied' };
  }
  const mapped = mappedIpv4(address);
  if (isAllowed(address, rules.allow) || (mapped !== null && isAllowed(mapped, rules.allow)))
    return { allowed: true };
  if (mapped !== null) return { allowed: false, reason: 'ipv4_in_ipv6' };
  // No range holds what nobody has given out yet: closed until someone does.
  const verdict = builtIn.find(([range]) => isWithin(address, range))?.[1] ?? 'reserved';
  return verdict === 'reachable' ? { allowed: true } : { allowed: false, reason: verdict };
}

function isIn(ip: IpAddress, ranges: readonly Cidr[]): boolean {
  return ranges.some((range) => isWithin(ip, range));
}

function isAllowed(ip: IpAddress, allow: readonly Cidr[]): boolean {
  const target = mappedIpv4(ip) ?? ip;
  const isUnspecified = target.words.every((word) => word === 0);
  return allow.some(
    (range) => isWithin(ip, range) && (!isUnspecified || range.prefix === (range.family === 4 ? 32 : 128)),
  );
}

function builtInRange(text: string): Cidr {
  const range = parseCidr(text);
  if ('error' in range) throw new Error(range.error);
  return range;
}
