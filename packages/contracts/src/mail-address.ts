// Mail addresses as people write them: for the services and, without anything of Node.js, for browsers.

export interface MailAddress {
  readonly name: string | null;
  readonly address: string;
}

/** RFC 5321 section 4.1.2, without quoted local parts and address literals, which nobody has. */
const plainAddress =
  /^(?=.{3,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Reads `address` or `Name <address>`; null where it is neither. Nothing in a name can end a header. */
export function parseMailAddress(text: string): MailAddress | null {
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text)) return null;
  const named = /^([^<>]*)<([^<>\s]+)>\s*$/.exec(text);
  const address = (named === null ? text : (named[2] ?? '')).trim();
  const name = (named?.[1] ?? '')
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replaceAll('"', '')
    .trim();
  if (!plainAddress.test(address) || name.length > 100) return null;
  return { name: name === '' ? null : name, address };
}
