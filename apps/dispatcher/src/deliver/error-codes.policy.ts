// The error code and the words for what went wrong with a request, from what Node and undici say.
import type { AttemptErrorCode } from '@postrider/contracts';

export interface DeliveryFailure {
  readonly code: AttemptErrorCode;
  readonly message: string;
  /** Another attempt would fail in the same way. */
  readonly isFinal?: boolean;
}

/** Codes of X.509 verification: Node hands on OpenSSL's names (`openssl verify`, "Diagnostics"). */
const certificateMessages: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in a self-signed certificate that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate of the issuer was not found',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate chain is incomplete or not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
  HOSTNAME_MISMATCH: 'the certificate is for another host',
  CERT_REVOKED: 'the certificate has been revoked',
  CERT_UNTRUSTED: 'the certificate is not trusted',
  CERT_REJECTED: 'the certificate was rejected',
  CERT_CHAIN_TOO_LONG: 'the certificate chain is too long',
  INVALID_CA: 'a certificate of the chain may not sign others',
  INVALID_PURPOSE: 'the certificate is not meant for servers',
  CERT_SIGNATURE_FAILURE: 'the signature of the certificate is wrong',
};

const systemMessages: Readonly<Record<string, DeliveryFailure>> = {
  ECONNREFUSED: { code: 'connection_refused', message: 'the connection was refused' },
  ECONNRESET: { code: 'connection_reset', message: 'the connection was reset by the receiver' },
  EPIPE: { code: 'connection_reset', message: 'the connection was closed by the receiver' },
  UND_ERR_SOCKET: {
    code: 'connection_reset',
    message: 'the connection was closed before the answer was complete',
  },
  ETIMEDOUT: { code: 'timeout_connect', message: 'the connection could not be established in time' },
  EHOSTUNREACH: { code: 'connection_refused', message: 'the host can not be reached' },
  ENETUNREACH: { code: 'connection_refused', message: 'the network of the host can not be reached' },
  EPROXY: {
    code: 'connection_refused',
    message: 'the proxy on the way out opened no connection to the host',
  },
  EADDRNOTAVAIL: { code: 'connection_refused', message: 'the address can not be reached from here' },
  UND_ERR_HEADERS_OVERFLOW: {
    code: 'response_too_large',
    message: 'the headers of the answer are larger than 16 KiB',
  },
};

/** `phase` is how far the connection was when the error came. */
export function failureOf(error: unknown, phase: 'dns' | 'connect' | 'tls' | 'open'): DeliveryFailure {
  if (!isError(error)) return { code: 'invalid_response', message: 'the request failed' };
  if (error.name === 'EgressBlockedError') return { code: 'egress_blocked', message: error.message };
  if (error.name === 'DnsError') return { code: 'dns', message: error.message };
  const code = codeOf(error);
  const certificate = certificateMessages[code];
  if (certificate !== undefined) return { code: 'tls_certificate', message: certificate };
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') {
    return {
      code: 'invalid_response',
      message: `the answer is not valid HTTP (${code || 'it does not parse'})`,
    };
  }
  const system = systemMessages[code];
  if (phase === 'tls' && (system === undefined || system.code === 'connection_reset')) {
    return { code: 'tls', message: `the TLS handshake failed (${code || 'no reason given'})` };
  }
  if (system !== undefined) return system;
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return { code: 'tls', message: `TLS failed (${code})` };
  return { code: 'invalid_response', message: `the answer could not be read (${code || error.name})` };
}

/** By shape: an error of another realm (a worker, a test's sandbox) is one too. */
function isError(error: unknown): error is Error & { readonly code?: unknown; readonly errors?: unknown } {
  return typeof error === 'object' && error !== null && 'message' in error;
}

/** Happy eyeballs gathers the errors of all addresses: the first stands for all. */
function codeOf(error: Error & { readonly code?: unknown; readonly errors?: unknown }): string {
  if (Array.isArray(error.errors)) {
    const [first] = error.errors as unknown[];
    if (isError(first)) return codeOf(first);
  }
  return typeof error.code === 'string' ? error.code : '';
}

/** The failure of an attempt whose time is up, by how far it had come. */
export function timeoutOf(
  phase: 'dns' | 'connect' | 'tls' | 'open',
  hasHeaders: boolean,
  timeoutSeconds: number,
): DeliveryFailure {
  const within = `within ${timeoutSeconds} s`;
  switch (phase) {
    case 'dns':
      return { code: 'dns', message: `the host name was not resolved ${within}` };
    case 'connect':
      return { code: 'timeout_connect', message: `the connection was not established ${within}` };
    case 'tls':
      return { code: 'timeout_tls', message: `the TLS handshake was not finished ${within}` };
    case 'open':
      return hasHeaders
        ? { code: 'timeout_body', message: `the body of the answer was not complete ${within}` }
        : { code: 'timeout_headers', message: `the receiver did not answer ${within}` };
  }
}
