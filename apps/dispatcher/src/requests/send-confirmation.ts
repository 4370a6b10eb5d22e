// The mail that asks a recipient whether events may be sent there.
import { ProblemError, type WebhookConfiguration } from '@postrider/contracts';
import type { MailSender } from '../mail-sender.js';

/** Throws a ProblemError where it can not be sent: `not_found`, `invalid_fields` (never), `unavailable` (not now). */
export async function sendConfirmation(
  mail: MailSender | null,
  webhook: WebhookConfiguration | null,
  linkBase: string,
): Promise<void> {
  if (webhook === null || webhook.Deleted) throw new ProblemError('not_found', 'no such webhook');
  if (mail === null) {
    throw new ProblemError('unavailable', 'this installation has no mail server configured (SMTP_URL)');
  }
  const { failure } = await mail.sendConfirmation(webhook, linkBase);
  if (failure === null) return;
  const code = failure.isFinal === true ? 'invalid_fields' : 'unavailable';
  throw new ProblemError(code, `the mail could not be sent: ${failure.message}`);
}
