import { describe, expect, test } from '@jest/globals';
import { failureOf, timeoutOf } from './error-codes.policy.js';

const errorWith = (code: string | undefined, message = 'internal text', name = 'Error'): Error =>
  Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
type Phase = 'dns' | 'connect' | 'tls' | 'open';

describe('what Node, OpenSSL and undici say', () => {
  test.each<[what: string, error: unknown, phase: Phase, code: string]>([
    ['a forbidden address', errorWith(undefined, 'blocked', 'EgressBlockedError'), 'dns', 'egress_blocked'],
    ['a name that is not there', errorWith(undefined, 'no such host', 'DnsError'), 'dns', 'dns'],
    ['refused', errorWith('ECONNREFUSED'), 'connect', 'connection_refused'],
    ['host unreachable', errorWith('EHOSTUNREACH'), 'connect', 'connection_refused'],
    ['network unreachable', errorWith('ENETUNREACH'), 'connect', 'connection_refused'],
    ['address not available', errorWith('EADDRNOTAVAIL'), 'connect', 'connection_refused'],
    ['the system gave up connecting', errorWith('ETIMEDOUT'), 'connect', 'timeout_connect'],
    ['reset at connect', errorWith('ECONNRESET'), 'connect', 'connection_reset'],
    ['reset in the handshake', errorWith('ECONNRESET'), 'tls', 'tls'],
    ['closed in the handshake', errorWith('EPIPE'), 'tls', 'tls'],
    ['plain HTTP where TLS was expected', errorWith('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls', 'tls'],
    ['EPROTO', errorWith('EPROTO'), 'tls', 'tls'],
    ['anything in the handshake', errorWith(undefined), 'tls', 'tls'],
    ['a TLS alert later', errorWith('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'), 'open', 'tls'],
    ['reset', errorWith('ECONNRESET'), 'open', 'connection_reset'],
    ['closed', errorWith('UND_ERR_SOCKET'), 'open', 'connection_reset'],
    ['closed while it was written', errorWith('EPIPE'), 'open', 'connection_reset'],
    ['headers too large', errorWith('UND_ERR_HEADERS_OVERFLOW'), 'open', 'response_too_large'],
    ['not HTTP', errorWith('HPE_INVALID_CONSTANT', 'x', 'HTTPParserError'), 'open', 'invalid_response'],
    ['not HTTP, no code', errorWith(undefined, 'x', 'HTTPParserError'), 'open', 'invalid_response'],
    ['a length that lies', errorWith('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), 'open', 'invalid_response'],
    ['no error at all', 'text', 'open', 'invalid_response'],
  ])('%s', (_what, error, phase, code) => {
    expect(failureOf(error, phase).code).toBe(code);
  });

  test.each([
    ['CERT_HAS_EXPIRED', 'expired'],
    ['CERT_NOT_YET_VALID', 'not valid yet'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host'],
    ['HOSTNAME_MISMATCH', 'another host'],
    ['CERT_REVOKED', 'revoked'],
  ])('%s is the certificate, and the message says what is wrong with it', (code, words) => {
    for (const phase of ['tls', 'open'] as const) {
      const failure = failureOf(errorWith(code), phase);
      expect(failure.code).toBe('tls_certificate');
      expect(failure.message).toContain(words);
    }
  });

  test('the errors of several addresses: the first stands for all', () => {
    const all = new AggregateError([errorWith('ECONNREFUSED'), errorWith('ENETUNREACH')], 'all failed');
    expect(failureOf(all, 'connect').code).toBe('connection_refused');
  });

  test('what the system says in its own words stays inside', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ERR_SSL_X', 'UND_ERR_OTHER', 'HPE_X', undefined]) {
      expect(failureOf(errorWith(code, 'connect 10.1.2.3:443'), 'open').message).not.toContain('10.1.2.3');
    }
  });
});

describe('a deadline, by how far the attempt had come', () => {
  test.each<[Phase, boolean, string]>([
    ['dns', false, 'dns'],
    ['connect', false, 'timeout_connect'],
    ['tls', false, 'timeout_tls'],
    ['open', false, 'timeout_headers'],
    ['open', true, 'timeout_body'],
  ])('%s, headers %s: %s', (phase, hasHeaders, code) => {
    const failure = timeoutOf(phase, hasHeaders, 15);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain('within 15 s');
  });
});
