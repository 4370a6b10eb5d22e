/**
 * IP addresses and CIDR ranges as numbers. Written by hand because the usual parsers also read octal, hexadecimal
 * and short forms (`0177.1` as 127.0.0.1); a check that reads an address otherwise than `connect` does is a hole.
 */

/** 32-bit words from the left; IPv4 stands in the first one. */
type Words = readonly [number, number, number, number];

export interface IpAddress {
  readonly family: 4 | 6;
  readonly words: Words;
}

export interface Cidr extends IpAddress {
  /** Leading bits that count: 0..32 for IPv4, 0..128 for IPv6. */
  readonly prefix: number;
}

/** Only the canonical notations: four decimal parts without leading zeros, or RFC 4291 section 2.2. No zone ids. */
export function parseIp(text: string): IpAddress | null {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== null) return { family: 4, words: [ipv4, 0, 0, 0] };
  const words = parseIpv6(text);
  return words === null ? null : { family: 6, words };
}

/** `10.0.0.0/8`, or a bare address, which stands for itself alone. The error is a sentence about `text`. */
export function parseCidr(text: string): Cidr | { error: string } {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null)
    return { error: `"${text}" is no address range; write it like 10.0.0.0/8 or 2001:db8::/32` };
  const bits = ip.family === 4 ? 32 : 128;
  if (slash < 0) return unmapped({ ...ip, prefix: bits });
  const prefixText = text.slice(slash + 1);
  const prefix = Number(prefixText);
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText) || prefix > bits) {
    return { error: `"${text}" needs a prefix length from 0 to ${bits} after the slash` };
  }
  // 10.0.0.1/8 is as likely a wrong prefix as a wrong address, and in a deny list the guess would be costly.
  if (!isPrefixOnly(ip, prefix)) return { error: `"${text}" has bits set beyond its first ${prefix}` };
  return unmapped({ ...ip, prefix });
}

export function isWithin(ip: IpAddress, range: Cidr): boolean {
  if (ip.family !== range.family) return false;
  const [a, b, c, d] = ip.words;
  const [e, f, g, h] = range.words;
  const { prefix } = range;
  return (
    agree(a, e, prefix) && agree(b, f, prefix - 32) && agree(c, g, prefix - 64) && agree(d, h, prefix - 96)
  );
}

/** The IPv4 address that a v4-mapped (`::ffff:a.b.c.d`) address stands for. */
export function mappedIpv4(ip: IpAddress): IpAddress | null {
  const [a, b, c, d] = ip.words;
  return ip.family === 6 && a === 0 && b === 0 && c === 0xffff ? ipv4Of(d) : null;
}

/** The IPv4 address that a mapped, compatible, NAT64 (64:ff9b::/96) or 6to4 address carries; :: and ::1 carry none. */
export function embeddedIpv4(ip: IpAddress): IpAddress | null {
  if (ip.family === 4) return null;
  const [a, b, c, d] = ip.words;
  if (a === 0 && b === 0 && (c === 0xffff || (c === 0 && d > 0xffff))) return ipv4Of(d);
  if (a === 0x64ff9b && b === 0 && c === 0) return ipv4Of(d);
  return a >>> 16 === 0x2002 ? ipv4Of(((a << 16) | (b >>> 16)) >>> 0) : null;
}

function ipv4Of(word: number): IpAddress {
  return { family: 4, words: [word, 0, 0, 0] };
}

function agree(left: number, right: number, bits: number): boolean {
  if (bits <= 0) return true;
  return (left ^ right) >>> (bits >= 32 ? 0 : 32 - bits) === 0;
}

function isPrefixOnly(ip: IpAddress, prefix: number): boolean {
  return ip.words.every((word, i) => {
    const bits = prefix - 32 * i;
    return bits >= 32 || (bits <= 0 ? word === 0 : (word << bits) >>> 0 === 0);
  });
}

/** ::ffff:10.0.0.0/104 is 10.0.0.0/8 to the kernel, so it is to a rule. */
function unmapped(range: Cidr): Cidr {
  const ipv4 = range.prefix >= 96 ? mappedIpv4(range) : null;
  return ipv4 === null ? range : { ...ipv4, prefix: range.prefix - 96 };
}

function parseIpv4(text: string): number | null {
  if (text.length > 15) return null;
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let word = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return null;
    const byte = Number(part);
    if (byte > 255) return null;
    word = word * 256 + byte;
  }
  return word;
}

function parseIpv6(text: string): Words | null {
  if (text.length > 45) return null;
  const halves = withoutDottedTail(text)?.split('::');
  if (halves === undefined || halves.length > 2) return null;
  const head = groups(halves[0] ?? '');
  const tail = groups(halves[1] ?? '');
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return null;
  const all = [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  const numbers: number[] = [];
  for (const group of all) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    numbers.push(Number.parseInt(group, 16));
  }
  const word = (i: number) => (numbers[2 * i] ?? 0) * 0x10000 + (numbers[2 * i + 1] ?? 0);
  return [word(0), word(1), word(2), word(3)];
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`; null where the dotted part is no IPv4 address. */
function withoutDottedTail(text: string): string | null {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const ipv4 = start === 0 ? null : parseIpv4(text.slice(start));
  if (ipv4 === null) return null;
  return `${text.slice(0, start)}${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}`;
}
