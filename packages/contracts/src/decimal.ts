const numberParts = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * One text for each decimal value, so that equal numbers are equal texts: `1`, `1.0`, `10e-1` and `0.1E+1` are all
 * `1e0`; 12345678901234567890 and …891 differ, as they would not as doubles. Null where `text` is no number as
 * JSON writes it (RFC 8259 section 6: no leading zeros, no plus sign, no hexadecimal, no spaces).
 */
export function decimalKey(text: string): string | null {
  const parts = numberParts.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start++;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end--;
  if (start === end) return '0';
  return `${sign}${digits.slice(start, end)}e${addToInteger(exponent, digits.length - end - fraction.length)}`;
}

/**
 * Exponents past a double's integers need BigInt; past a thousand digits, where BigInt gets slow and no two honest
 * publishers write the same value differently, they are compared as written.
 */
function addToInteger(integer: string, small: number): string {
  const [, sign = '', digits = ''] = /^\+?(-?)0*(\d+)$/.exec(integer) ?? [];
  if (digits.length <= 15) return String(Number(sign + digits) + small);
  return digits.length <= 1000 ? String(BigInt(sign + digits) + BigInt(small)) : `${sign}${digits}+${small}`;
}
