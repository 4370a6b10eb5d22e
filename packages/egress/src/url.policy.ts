import { judgeAddress, type AddressRefusal, type EgressRules } from './address.policy.js';
import { parseIp } from './ip.policy.js';
import { toUnicodeHost } from './punycode.policy.js';

export type UrlRefusal =
  | 'url_too_long'
  | 'url_forbidden_character'
  | 'url_invalid'
  | 'url_scheme'
  | 'url_userinfo'
  | 'url_fragment'
  | 'url_host'
  | 'url_address'
  | 'url_port';

export type UrlJudgement =
  | {
      ok: true;
      /** What to keep and to send to: as WHATWG serializes it, the host in Punycode. */
      url: string;
      /** For comparing: lower case, Punycode, no brackets, no trailing dot. */
      host: string;
      port: number;
      /** The host as people read it. */
      hostUnicode: string;
    }
  | { ok: false; code: UrlRefusal; detail: string };

export const maxUrlLength = 2048;

/**
 * Names that mean this very machine (RFC 6761 section 6.3, and what common hosts files hold), with the address that
 * EGRESS_ALLOW must hold for them. Any other name is judged by its addresses when we connect.
 */
const localNames: readonly (readonly [RegExp, string])[] = [
  [/^(.+\.)?localhost$/, '127.0.0.1'],
  [/^(.+\.)?(localhost|localhost4)\.localdomain4?$/, '127.0.0.1'],
  [/^localhost4$/, '127.0.0.1'],
  [/^(localhost6|ip6-localhost|ip6-loopback)$/, '::1'],
  [/^(.+\.)?localhost6\.localdomain6?$/, '::1'],
];

/**
 * May a webhook have this URL? The characters are judged as typed, because WHATWG parsing drops tabs and line ends
 * in silence; the rest after parsing, so that every notation of an address (octal, hexadecimal, short, fullwidth
 * digits, percent-encoded) is judged as the address that would be connected to.
 */
export function judgeUrl(raw: string, rules: EgressRules): UrlJudgement {
  if (raw.length > maxUrlLength) return tooLong();
  // Controls, invisible format characters (bidi marks, zero-width), separators, lone surrogates.
  if (/[\p{Cc}\p{Cf}\p{Z}\p{Cs}]/u.test(raw)) {
    return refuse(
      'url_forbidden_character',
      'has spaces, control or invisible characters; percent-encode or remove them',
    );
  }
  const url = parseUrl(raw);
  if (url === null)
    return refuse('url_invalid', 'is no absolute URL; write it like https://example.com/path');
  return (
    judgeScheme(url, rules) ??
    judgeUserinfo(raw, url) ??
    judgeFragment(raw) ??
    judgePort(url, rules) ??
    judgeHost(url, rules)
  );
}

type Refused = Extract<UrlJudgement, { ok: false }>;

function refuse(code: UrlRefusal, what: string): Refused {
  return { ok: false, code, detail: `The URL ${what}.` };
}

function tooLong(): Refused {
  return refuse(
    'url_too_long',
    `is longer than ${maxUrlLength} characters (counted after percent-encoding); shorten it`,
  );
}

function parseUrl(raw: string): URL | null {
  try {
    return new URL(raw);
  } catch {
    return null;
  }
}

function judgeScheme(url: URL, rules: EgressRules): Refused | null {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && rules.allowHttp)) return null;
  return url.protocol === 'http:'
    ? refuse('url_scheme', 'is not encrypted; use https (http needs ALLOW_HTTP_ENDPOINTS on this server)')
    : refuse(
        'url_scheme',
        `has a scheme that cannot receive webhooks; use https${rules.allowHttp ? ' or http' : ''}`,
      );
}

/** An empty userinfo (`https://@host`) vanishes in parsing, hence the look at what stands before the path. */
function judgeUserinfo(raw: string, url: URL): Refused | null {
  const authority = /^[^:]*:[\\/]*([^\\/?#]*)/.exec(raw)?.[1] ?? '';
  if (!authority.includes('@') && url.username === '' && url.password === '') return null;
  return refuse(
    'url_userinfo',
    'has a user name or password (before "@"); use the webhook\'s Authorization instead',
  );
}

function judgeFragment(raw: string): Refused | null {
  return raw.includes('#') ? refuse('url_fragment', 'has a fragment; remove "#" and what follows it') : null;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'http:' ? 80 : 443;
}

function judgePort(url: URL, rules: EgressRules): Refused | null {
  const port = portOf(url);
  if (port !== 0 && (rules.ports === 'any' || rules.ports.has(port))) return null;
  const open = rules.ports === 'any' ? '1 to 65535' : [...rules.ports].sort((a, b) => a - b).join(', ');
  return refuse(
    'url_port',
    `has port ${port}, which is not open here; use one of ${open} (EGRESS_PORTS sets them)`,
  );
}

function judgeHost(url: URL, rules: EgressRules): UrlJudgement {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const problem = parseIp(host) === null ? judgeName(host, rules) : judgeLiteral(host, rules);
  if (problem !== null) return problem;
  // What a receiver's owner reads back must be something that they can save again.
  if (url.href.length > maxUrlLength) return tooLong();
  return { ok: true, url: url.href, host, port: portOf(url), hostUnicode: toUnicodeHost(host) };
}

function judgeName(host: string, rules: EgressRules): Refused | null {
  const labels = host.split('.');
  if (host.length > 253 || !labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) {
    return refuse(
      'url_host',
      'has a host name that cannot exist; use letters, digits and hyphens between single dots',
    );
  }
  const loopback = localNames.find(([names]) => names.test(host))?.[1];
  if (loopback === undefined || judgeAddress(loopback, rules).allowed) return null;
  return refuse('url_address', 'points to the machine that Postrider runs on; use a public host name');
}

function judgeLiteral(host: string, rules: EgressRules): Refused | null {
  const judgement = judgeAddress(host, rules);
  if (judgement.allowed) return null;
  return refuse('url_address', `${addressDetails[judgement.reason]}; use a public host name or address`);
}

/** Never the address itself: a caller may have typed one that hides another. */
const addressDetails: Record<AddressRefusal, string> = {
  not_an_address: 'has a host that is no address',
  denied: 'has an address that this server is configured not to reach (EGRESS_DENY)',
  unspecified: 'has the unspecified address as its host',
  loopback: 'has a loopback address as its host',
  private: 'has an address of a private network as its host',
  link_local: 'has a link-local address as its host',
  cloud_platform: "has an address of the cloud platform's own as its host",
  multicast: 'has a multicast address as its host',
  broadcast: 'has the broadcast address as its host',
  documentation: 'has an address that is reserved for documentation as its host',
  ipv4_in_ipv6: 'has an IPv6 address that stands for an IPv4 address as its host',
  reserved: 'has a reserved address as its host',
};
