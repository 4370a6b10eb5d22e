import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Webhook as Standard } from 'standardwebhooks';
import { Webhook as Svix } from 'svix';
import { verify, WebhookVerificationError, type VerifyOptions } from '../src/index.js';
import { hubHeaders, nowMs, secret, otherSecret, signed, standardHeaders } from './support/sign.js';

type Vector =
  | { kind: 'hub'; secret: string; body: string; header: string }
  | { kind: 'standard'; secrets: string[]; id: string; timestamp: number; body: string; header: string };

const vectors = JSON.parse(
  readFileSync(new URL('../../../apps/signer/test/vectors/signatures.json', import.meta.url), 'utf8'),
) as Vector[];

const body = '{"Id":"evt_1","Topic":"job.execution.failed","Data":{"Text":"zażółć 🚀"}}';
const at = { now: () => nowMs };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WebhookVerificationError) return `${error.code} ${error.statusCode}`;
    throw error;
  }
  return 'verified';
}

/** What is said of a body that is no JSON comes after its signature was found right. */
function verdict(text: string, headers: Record<string, string>, secrets: string[], options: VerifyOptions) {
  return codeOf(() => verify(text, headers, secrets, options)).replace('invalid_body 401', 'verified');
}

test.each(vectors)('the published vector %#: $kind', (vector) => {
  if (vector.kind === 'hub') {
    const headers = { 'X-Hub-Signature': vector.header };
    expect(verdict(vector.body, headers, [vector.secret], { form: 'hub' })).toBe('verified');
    expect(verdict(`${vector.body} `, headers, [vector.secret], { form: 'hub' })).toBe(
      'signature_mismatch 401',
    );
    return;
  }
  const headers = {
    'webhook-id': vector.id,
    'webhook-timestamp': String(vector.timestamp),
    'webhook-signature': vector.header,
  };
  const options = { now: () => vector.timestamp * 1_000 };
  for (const one of vector.secrets) expect(verdict(vector.body, headers, [one], options)).toBe('verified');
  expect(verdict(`${vector.body} `, headers, vector.secrets, options)).toBe('signature_mismatch 401');
  expect(verdict(vector.body, { ...headers, 'webhook-id': 'x' }, vector.secrets, options)).toBe(
    'signature_mismatch 401',
  );
});

describe('agrees both ways with', () => {
  test('standardwebhooks', () => {
    const timestamp = new Date();
    const theirs = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1_000)),
      'webhook-signature': new Standard(secret).sign('evt_1', timestamp, body),
    };
    expect(verify(body, theirs, secret).Id).toBe('evt_1');
    const ours = standardHeaders(body, [otherSecret, secret], Date.now());
    expect(new Standard(secret).verify(body, ours)).toMatchObject({ Id: 'evt_1' });
  });

  test('svix', () => {
    const timestamp = new Date();
    const theirs = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1_000)),
      'webhook-signature': new Svix(secret).sign('evt_1', timestamp, body),
    };
    expect(verify(body, theirs, secret).Id).toBe('evt_1');
    const ours = standardHeaders(body, [secret], Date.now());
    // It verifies by throwing or not; what it gives back differs between its versions.
    new Svix(secret).verify(body, ours);
    expect(() => new Svix(otherSecret).verify(body, ours)).toThrow();
  });
});

test('gives back the event, from text, bytes and a view into a larger buffer', () => {
  const bytes = Buffer.from(`##${body}##`).subarray(2, -2);
  for (const raw of [body, Buffer.from(body), new Uint8Array(bytes)]) {
    expect(verify(raw, signed(body), secret, at)).toMatchObject({
      Topic: 'job.execution.failed',
      Data: { Text: 'zażółć 🚀' },
    });
  }
});

test('takes headers of any case, of Fetch, and of Node.js', () => {
  const headers = standardHeaders(body, [secret], nowMs);
  const upper = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const arrays = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  for (const one of [headers, upper, arrays, new Headers(headers)]) {
    expect(verify(body, one, secret, at).Id).toBe('evt_1');
  }
});

test('during a rotation either secret verifies, on either side', () => {
  expect(verify(body, standardHeaders(body, [secret], nowMs), [otherSecret, secret], at).Id).toBe('evt_1');
  expect(verify(body, standardHeaders(body, [otherSecret, secret], nowMs), secret, at).Id).toBe('evt_1');
  expect(verify(body, hubHeaders(body, secret), [otherSecret, secret], { form: 'hub' }).Id).toBe('evt_1');
});

const good = signed(body);
const seconds = Math.floor(nowMs / 1_000);
const signedAt = (offset: number) => standardHeaders(body, [secret], (seconds + offset) * 1_000);
test.each<[string, string, () => unknown]>([
  ['no headers', 'missing_header 401', () => verify(body, {}, secret, at)],
  ['X-Hub-Signature alone', 'missing_header 401', () => verify(body, hubHeaders(body, secret), secret, at)],
  ['no id', 'missing_header 401', () => verify(body, { ...good, 'webhook-id': '' }, secret, at)],
  ['another body', 'signature_mismatch 401', () => verify(`${body}\n`, good, secret, at)],
  ['another secret', 'signature_mismatch 401', () => verify(body, good, otherSecret, at)],
  [
    'another time',
    'signature_mismatch 401',
    () => verify(body, { ...good, 'webhook-timestamp': String(seconds + 1) }, secret, at),
  ],
  [
    'a signature cut short',
    'signature_mismatch 401',
    () => verify(body, { ...good, 'webhook-signature': 'v1,AAAA' }, secret, at),
  ],
  [
    'only v1a',
    'invalid_header 401',
    () => verify(body, { ...good, 'webhook-signature': 'v1a,AAAA' }, secret, at),
  ],
  [
    'hub of another shape',
    'invalid_header 401',
    () => verify(body, { 'x-hub-signature': 'sha1=00' }, secret, { form: 'hub' }),
  ],
  [
    'hub of another body',
    'signature_mismatch 401',
    () => verify('{}', hubHeaders(body, secret), secret, { form: 'hub' }),
  ],
  [
    'a header that came twice',
    'invalid_header 401',
    () => verify(body, { ...good, 'webhook-id': ['evt_1', 'evt_2'] }, secret, at),
  ],
  ['301 s old', 'timestamp_too_old 401', () => verify(body, signedAt(-301), secret, at)],
  ['301 s ahead', 'timestamp_too_new 401', () => verify(body, signedAt(301), secret, at)],
  ['300 s old', 'verified', () => verify(body, signedAt(-300), secret, at)],
  ['300 s ahead', 'verified', () => verify(body, signedAt(300), secret, at)],
  [
    '11 s old of 10',
    'timestamp_too_old 401',
    () => verify(body, signedAt(-11), secret, { ...at, toleranceSeconds: 10 }),
  ],
  ['a body that was parsed', 'body_not_raw 500', () => verify(JSON.parse(body) as string, good, secret, at)],
  ['no secret', 'invalid_secret 500', () => verify(body, good, '', at)],
  ['no secrets', 'invalid_secret 500', () => verify(body, good, [], at)],
  ['an undefined secret', 'invalid_secret 500', () => verify(body, good, undefined as unknown as string, at)],
  ['a secret in quotes', 'invalid_secret 500', () => verify(body, good, `"${secret}"`, at)],
  ['a body that is not JSON', 'invalid_body 401', () => verify('hello', signed('hello'), secret, at)],
])('%s: %s', (_, expected, run) => {
  expect(codeOf(run)).toBe(expected);
});

test('errors hold nothing of the secret or the body', () => {
  for (const run of [
    () => verify(body, good, otherSecret, at),
    () => verify('zażółć', signed('zażółć'), secret, at),
    () => verify(body, good, `"${secret}"`, at),
  ]) {
    expect(run).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/AAEC|AwoR|zażółć/) }));
  }
});
