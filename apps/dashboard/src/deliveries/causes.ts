// Why an attempt failed, in plain words, and what helps.
import type { Attempt, AttemptErrorCode, AttemptError } from '@postrider/contracts';

export interface Cause {
  readonly what: string;
  readonly fix: string;
}

const causes: Readonly<Record<Exclude<AttemptErrorCode, 'http_status'>, Cause>> = {
  timeout_connect: {
    what: 'No connection came about in time.',
    fix: 'Check that the host is up and that a firewall lets us in.',
  },
  timeout_tls: { what: 'The TLS handshake did not end in time.', fix: 'Check the TLS set-up of the host.' },
  timeout_headers: {
    what: 'The receiver took the request but did not answer in time.',
    fix: 'Answer 2xx at once and do the work afterwards, or raise the timeout of the webhook.',
  },
  timeout_body: {
    what: 'The answer began but did not end in time.',
    fix: 'Answer with a short body, or none.',
  },
  dns: {
    what: 'The host name could not be resolved.',
    fix: 'Check the URL for a typing error, and the DNS.',
  },
  connection_refused: {
    what: 'Nobody listens at that host and port.',
    fix: 'Start the receiver, or correct the port in the URL.',
  },
  connection_reset: {
    what: 'The receiver closed the connection before it answered.',
    fix: 'See its log: it may have crashed, or something in front of it cut the connection.',
  },
  tls_certificate: {
    what: 'The certificate of the receiver is not valid.',
    fix: 'Renew it, send the whole chain, and check that it is for this host name.',
  },
  tls: { what: 'TLS could not be agreed on.', fix: 'Offer TLS 1.2 or newer.' },
  redirect: {
    what: 'The receiver redirected, and redirects are never followed.',
    fix: 'Put the final address into the URL of the webhook.',
  },
  invalid_response: {
    what: 'What came back is not HTTP.',
    fix: 'Check that the port is that of an HTTP server.',
  },
  response_too_large: { what: 'The headers of the answer are too large.', fix: 'Send fewer than 16 KiB.' },
  egress_blocked: {
    what: 'The address is one that webhooks may not reach.',
    fix: 'Use a public address, or have the operator allow it (EGRESS_ALLOW).',
  },
  payload_too_large: { what: 'The event is too large to be sent this way.', fix: 'Publish smaller events.' },
  mail_deferred: {
    what: 'The mail server could not be reached, or asked to try again later.',
    fix: 'It is tried again by itself; where it stays so, have the operator check SMTP_URL.',
  },
  mail_refused: {
    what: 'The mail server refuses this message for good.',
    fix: 'Check the address, then send it again.',
  },
  recipient_unconfirmed: {
    what: 'The reader of this address has not agreed to get mail yet.',
    fix: 'They have a mail with a link: once it is followed, events come.',
  },
};

const statusFixes: Readonly<Record<number, string>> = {
  400: 'The receiver did not understand the request: see the body of its answer.',
  401: 'Check the Authorization header of the webhook.',
  403: 'Check the Authorization header, and how the receiver verifies the signature.',
  404: 'Check the path in the URL.',
  405: 'The receiver takes no POST at this path.',
  410: 'This answer disables the webhook.',
  429: 'The receiver asks us to slow down: set a rate limit for the webhook.',
};

/** Null for an attempt that was received. */
export function causeOf({ Error: error, StatusCode }: Pick<Attempt, 'Error' | 'StatusCode'>): Cause | null {
  if (error === null) return null;
  if (error.Code !== 'http_status') return causes[error.Code];
  const status = StatusCode ?? 0;
  return {
    what: `The receiver answered ${status}.`,
    fix: statusFixes[status] ?? (status >= 500 ? 'Something failed in the receiver: see its log.' : ''),
  };
}

const shortErrors: Readonly<Record<Exclude<AttemptErrorCode, 'http_status'>, string>> = {
  timeout_connect: 'connect timed out',
  timeout_tls: 'TLS timed out',
  timeout_headers: 'no answer in time',
  timeout_body: 'answer cut by time',
  dns: 'host not found',
  connection_refused: 'refused',
  connection_reset: 'closed early',
  tls_certificate: 'bad certificate',
  tls: 'TLS failed',
  redirect: 'redirected',
  invalid_response: 'not HTTP',
  response_too_large: 'headers too large',
  egress_blocked: 'address forbidden',
  payload_too_large: 'event too large',
  mail_deferred: 'mail deferred',
  mail_refused: 'mail refused',
  recipient_unconfirmed: 'unconfirmed',
};

/** An error in two or three words, for a row of a list. */
export function plainError(error: AttemptError | null): string {
  if (error === null) return 'received';
  return error.Code === 'http_status' ? 'refused' : shortErrors[error.Code];
}
