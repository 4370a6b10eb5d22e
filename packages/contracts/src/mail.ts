// Links in mails that only their reader can have.
import { createHmac, timingSafeEqual } from 'node:crypto';

export const mailLinkPurposes = ['confirm', 'unsubscribe'] as const;
export type MailLinkPurpose = (typeof mailLinkPurposes)[number];

export interface MailLink {
  readonly purpose: MailLinkPurpose;
  readonly organizationId: string;
  readonly webhookId: string;
  /** Epoch ms; null: for ever. */
  readonly expiresAt: number | null;
}

/**
 * A link that proves that its bearer reads the mail of `email`: HMAC-SHA256 under the installation's key. The address
 * itself does not stand in it, so that a link is of no use once the webhook has another one.
 */
export function mailLinkToken(key: string, link: MailLink, email: string): string {
  const head = `${link.purpose}.${link.organizationId}.${link.webhookId}.${link.expiresAt ?? 0}`;
  return `${head}.${macOf(key, head, email)}`;
}

/** What a token says of itself; null where it is none. Nothing of it is proven yet. */
export function readMailLink(token: string): MailLink | null {
  const match =
    /^(confirm|unsubscribe)\.([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d{1,16})\.[A-Za-z0-9_-]{43}$/.exec(token);
  if (match === null) return null;
  const [, purpose, organizationId = '', webhookId = '', expires] = match;
  const expiresAt = Number(expires) === 0 ? null : Number(expires);
  return { purpose: purpose as MailLinkPurpose, organizationId, webhookId, expiresAt };
}

/** Whether a token was made for this address, in constant time. */
export function isMailLinkOf(key: string, token: string, email: string): boolean {
  const at = token.lastIndexOf('.');
  const expected = Buffer.from(macOf(key, token.slice(0, at), email));
  const given = Buffer.from(token.slice(at + 1));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(key: string, head: string, email: string): string {
  return createHmac('sha256', key).update(`${head}.${email}`).digest('base64url');
}
