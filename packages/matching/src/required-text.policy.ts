// A regular expression rarely occurs in a text that lacks the characters it is made of, and looking for characters is 100
// times cheaper than running an automaton. RE2 works out which ones a pattern can't do without (its prefilter).
import { RE2JS } from 're2js';

/** May the pattern occur in this text? "No" is certain, "yes" is not. */
export type MayOccur = (text: string) => boolean;

/** A node of re2js 2.10's prefilter; re2js gives it no type. */
interface RequiredText {
  readonly type: 0 | 1 | 2 | 3;
  readonly str: string;
  readonly subs: readonly unknown[];
}

const caseless = '(?i)';

/** Null where a text without any of the pattern's characters may match (`[0-9]+`, `a?`). Throws RE2JSException. */
export function requiredText(pattern: string, compiled: RE2JS): MayOccur | null {
  if (!pattern.startsWith(caseless))
    return toTest(compiled.re2().prefilter, (str) => (text) => text.includes(str));
  // RE2 has none for these. What the rest requires is required here in any case; beyond ASCII, where `k` is also the
  // sign for kelvin and `s` the long s, the automaton decides.
  const required = toTest(RE2JS.compile(pattern.slice(caseless.length)).re2().prefilter, (str) => {
    const wanted = lowerAscii(str);
    return wanted === null ? null : (text) => text.includes(wanted);
  });
  if (required === null) return null;
  return (text) => {
    const lower = remembered(text);
    return lower === null || required(lower);
  };
}

function toTest(node: unknown, ofText: (str: string) => MayOccur | null): MayOccur | null {
  if (!isRequiredText(node)) return null;
  switch (node.type) {
    case 0:
      return null;
    case 1:
      return node.str === '' ? null : ofText(node.str);
    case 2: {
      // A part that says nothing may be left out: the others are required all the same. Single texts go first, the longest
      // before others: it is likeliest to be missing.
      const all = [...node.subs]
        .sort((a, b) => lengthOf(b) - lengthOf(a))
        .map((sub) => toTest(sub, ofText))
        .filter((test) => test !== null);
      const [first, second] = all;
      if (first === undefined || second === undefined) return first ?? null;
      return (text) => first(text) && second(text) && (all.length < 3 || all.every((test) => test(text)));
    }
    case 3: {
      const any = node.subs.map((sub) => toTest(sub, ofText));
      const known = any.filter((test) => test !== null);
      return known.length === 0 || known.length < any.length
        ? null
        : (text) => known.some((test) => test(text));
    }
  }
}

function lengthOf(node: unknown): number {
  return isRequiredText(node) ? node.str.length : 0;
}

/** Anything else says nothing: then the automaton alone decides. */
function isRequiredText(node: unknown): node is RequiredText {
  return (
    typeof node === 'object' &&
    node !== null &&
    'type' in node &&
    (node.type === 0 || node.type === 1 || node.type === 2 || node.type === 3) &&
    'str' in node &&
    typeof node.str === 'string' &&
    'subs' in node &&
    Array.isArray(node.subs)
  );
}

function lowerAscii(text: string): string | null {
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : null;
}

let last = '';
let lastLower: string | null = '';

/** A thousand patterns look at the same text one after the other. */
function remembered(text: string): string | null {
  if (text !== last) [last, lastLower] = [text, lowerAscii(text)];
  return lastLower;
}
