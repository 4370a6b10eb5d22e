import { ProblemError } from '@postrider/contracts';

/** The forms behind links in mails (RFC 8058 has a field in them): what they say is in the link. Nothing else takes forms. */
export function ignoreMailForm(_bytes: Buffer, path: string): undefined {
  if (path.startsWith('/v1/mail/')) return undefined;
  throw new ProblemError('unsupported_media_type', 'send the body as application/json');
}
