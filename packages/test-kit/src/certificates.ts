// A certificate authority for tests: certificates that are right, expired, for another host or signed by nobody known.
// X.509 (RFC 5280) in DER by hand, since Node.js reads certificates but makes none.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface CertificateOptions {
  /** DNS names and IP addresses it is for. */
  readonly hosts: readonly string[];
  /** Default: yesterday. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

export interface CertificateAuthority {
  /** PEM of the authority's own certificate: what a client has to trust. */
  readonly certificate: string;
  issue(options: CertificateOptions): Certificate;
}

const dayMs = 86_400_000;

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts);
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);
const isTrue = der(0x01, Buffer.from([0xff]));
/** Object identifiers, already encoded. */
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string): Buffer =>
  sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
/** UTCTime, which RFC 5280 wants until 2049. */
const time = (date: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      date
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );

const extension = (id: string, value: Uint8Array, isCritical = false): Buffer =>
  sequence(oid(id), ...(isCritical ? [isTrue] : []), octets(value));
const authorityConstraints = extension('551d13', sequence(isTrue), true);
const authorityUsage = extension('551d0f', der(0x03, Buffer.from([1, 0x06])), true);

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 0 ? der(0x82, Buffer.from(host)) : der(0x87, addressBytes(host)),
  );
  return extension('551d11', sequence(...names));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [
    ...groups(head),
    ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'),
    ...groups(tail),
  ];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

interface Contents {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
}

function signCertificate(contents: Contents, issuerKey: KeyObject): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(contents.issuer),
    sequence(time(contents.notBefore), time(contents.notAfter)),
    commonName(contents.subject),
    contents.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...contents.extensions)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuerKey)));
  const lines = (certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** An authority that nobody knows until its certificate is trusted (`NODE_EXTRA_CA_CERTS`, the `ca` option). */
export function createCertificateAuthority(name = 'Postrider test authority'): CertificateAuthority {
  const authority = newKeys();
  const yesterday = new Date(Date.now() - dayMs);
  const nextYear = new Date(Date.now() + 365 * dayMs);
  const certificate = signCertificate(
    {
      issuer: name,
      subject: name,
      publicKey: authority.publicKey,
      notBefore: yesterday,
      notAfter: nextYear,
      extensions: [authorityConstraints, authorityUsage],
    },
    authority.privateKey,
  );
  return { certificate, issue: (options) => makeCertificate(options, { name, key: authority.privateKey }) };
}

/** A certificate that vouches for itself. */
export function createSelfSignedCertificate(options: CertificateOptions): Certificate {
  return makeCertificate(options, null);
}

function makeCertificate(
  { hosts, notBefore, notAfter }: CertificateOptions,
  issuer: { readonly name: string; readonly key: KeyObject } | null,
): Certificate {
  const keys = newKeys();
  const subject = hosts[0] ?? 'nobody';
  const contents = {
    issuer: issuer?.name ?? subject,
    subject,
    publicKey: keys.publicKey,
    notBefore: notBefore ?? new Date(Date.now() - dayMs),
    notAfter: notAfter ?? new Date(Date.now() + 365 * dayMs),
    extensions: [alternativeNames(hosts)],
  };
  return {
    certificate: signCertificate(contents, issuer?.key ?? keys.privateKey),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
