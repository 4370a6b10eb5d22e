import { ExactNumber } from './json-value.policy.js';
import { maxSearchedCharacters } from './regex.policy.js';

/** What `contains`, `matches` and the like look at; null where a value has no text. */
export function textOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return value instanceof ExactNumber ? value.text : null;
  }
}

/**
 * Does the test hold for a text that `matches` looks at? The first 4,096 characters (UTF-16 units), of an array those of
 * all elements together: many long elements would add up to seconds.
 */
export function someSearchedText(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string' && value.length <= maxSearchedCharacters) return test(value);
  if (!Array.isArray(value)) {
    const text = textOf(value);
    return text !== null && test(cut(text, maxSearchedCharacters));
  }
  let left = maxSearchedCharacters;
  for (const element of value as unknown[]) {
    const text = textOf(element);
    if (text === null) continue;
    if (left <= 0) return false;
    const searched = cut(text, left);
    left -= Math.max(1, searched.length);
    if (test(searched)) return true;
  }
  return false;
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text;
}
