import { WebhookVerificationError } from './errors.js';

/** Node's `request.headers`, a Fetch `Headers`, or any plain object; names in any case. */
export type HeadersLike =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The one value of a header, or undefined. A header that came twice is refused: which of them was checked? */
export function headerOf(headers: HeadersLike, name: string): string | undefined {
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const record = headers as Readonly<Record<string, string | readonly string[] | undefined>>;
  const key = name in record ? name : Object.keys(record).find((one) => one.toLowerCase() === name);
  const value = key === undefined ? undefined : record[key];
  if (value === undefined || typeof value === 'string') return value;
  if (value.length === 1) return value[0];
  throw new WebhookVerificationError('invalid_header', `The header ${name} came ${value.length} times.`);
}
