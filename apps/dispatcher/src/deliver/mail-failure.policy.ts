// What went wrong with a mail, from what nodemailer says.
import type { DeliveryFailure } from './error-codes.policy.js';

export interface MailError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

/** RFC 5321 section 4.2.1: 4xx may be tried again, 5xx not. A refused login is the operator's to mend: tried again. */
export function mailFailure(error: MailError): DeliveryFailure {
  const { code, responseCode } = error;
  if (code === 'EAUTH') return { code: 'mail_deferred', message: 'the mail server refuses our login' };
  if (typeof responseCode === 'number' && responseCode >= 500 && responseCode < 600) {
    return {
      code: 'mail_refused',
      message: `the mail server refuses the message (${responseCode})`,
      isFinal: true,
    };
  }
  if (typeof responseCode === 'number' && responseCode >= 400) {
    return { code: 'mail_deferred', message: `the mail server asks to try again later (${responseCode})` };
  }
  // What the address or the message itself does not allow.
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    return { code: 'mail_refused', message: 'the message could not be addressed', isFinal: true };
  }
  return { code: 'mail_deferred', message: 'the mail server could not be reached' };
}
