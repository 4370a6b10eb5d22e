/** Host names as people read them: `xn--bcher-kva.example` as `bücher.example`. For showing, never for connecting. */
export function toUnicodeHost(host: string): string {
  return host
    .split('.')
    .map((label) => (label.startsWith('xn--') ? (decodeLabel(label.slice(4)) ?? label) : label))
    .join('.');
}

const base = 36;
const tMin = 1;
const tMax = 26;

/** RFC 3492 section 6.2. Null where `input` is no Punycode. */
function decodeLabel(input: string): string | null {
  const delimiter = input.lastIndexOf('-');
  const output = delimiter < 0 ? [] : [...input.slice(0, delimiter)].map((char) => char.charCodeAt(0));
  let codePoint = 128;
  let position = 0;
  let bias = 72;
  let index = delimiter < 0 ? 0 : delimiter + 1;
  while (index < input.length) {
    const before = position;
    for (let weight = 1, k = base; ; k += base) {
      const digit = digitOf(input.charCodeAt(index++));
      if (digit < 0) return null;
      position += digit * weight;
      const threshold = Math.min(Math.max(k - bias, tMin), tMax);
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    const length = output.length + 1;
    bias = adaptBias(position - before, length, before === 0);
    codePoint += Math.floor(position / length);
    position %= length;
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return null;
    output.splice(position++, 0, codePoint);
  }
  return String.fromCodePoint(...output);
}

/** a-z are 0..25, 0-9 are 26..35; anything else, the end included, is -1. */
function digitOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  return code >= 48 && code <= 57 ? code - 22 : -1;
}

/** RFC 3492 section 6.1. */
function adaptBias(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((base - tMin) * tMax) / 2; k += base) rest = Math.floor(rest / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + 38));
}
