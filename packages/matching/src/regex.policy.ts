import { RE2JS, RE2JSException, RE2Set } from 're2js';

export const maxRegexCharacters = 256;
/**
 * RE2 is linear in the text, but with the program's size as its factor: `(a.{0,40}){20}` takes 3 s on 256 KiB. With
 * these bounds the worst patterns we know take 30 ms, and any literal of 256 characters still fits.
 */
const maxInstructions = 512;
export const maxSearchedCharacters = 4096;
/**
 * Of the automaton that RE2 builds as it searches. Its own default, 8 MiB for each pattern, is too dear by thousands;
 * it also gives up sooner on a pattern whose automaton explodes (5 times quicker on 16 KiB of text).
 */
const maxAutomatonBytes = 32_768;

export type RegexJudgement = { valid: true } | { valid: false; detail: string };

export function validateRegex(pattern: string): RegexJudgement {
  if (pattern === '') return { valid: false, detail: 'needs a regular expression' };
  if ([...pattern].length > maxRegexCharacters) {
    return { valid: false, detail: `is longer than ${maxRegexCharacters} characters` };
  }
  try {
    if (RE2JS.compile(pattern).programSize() <= maxInstructions) return { valid: true };
    return { valid: false, detail: 'is too complex a regular expression; use fewer or smaller repetitions' };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { valid: false, detail: `is no regular expression in RE2 syntax: ${error.message}` };
  }
}

/** ASCII without a meaning of its own, full stops escaped, maybe held to the text's begin or end: most of what is written. */
const plainPattern = /^(\^?)((?:[A-Za-z0-9 _:;,/@#%&=<>"'!~`-]|\\[.^$|()[\]{}*+?/-])*)(\$?)$/;

/** What a pattern of plain characters means, without an automaton: 100 times quicker. */
function plainTest(pattern: string): ((text: string) => boolean) | null {
  const [, begin = '', escaped = '', end = ''] = plainPattern.exec(pattern) ?? [];
  if (escaped === '') return null;
  const wanted = escaped.replace(/\\(.)/g, '$1');
  if (begin !== '' && end !== '') return (text) => text === wanted;
  if (begin !== '') return (text) => text.startsWith(wanted);
  return end === '' ? (text) => text.includes(wanted) : (text) => text.endsWith(wanted);
}

/** Does the pattern occur in the first 4,096 characters (UTF-16 units) of a text? Built when first asked. */
export function compileRegex(pattern: string): (text: string) => boolean {
  const plain = plainTest(pattern);
  if (plain !== null) {
    return (text) => plain(text.length > maxSearchedCharacters ? text.slice(0, maxSearchedCharacters) : text);
  }
  const set = new RE2Set(RE2Set.UNANCHORED, 0, maxAutomatonBytes);
  set.add(pattern);
  return (text) =>
    set.match(text.length > maxSearchedCharacters ? text.slice(0, maxSearchedCharacters) : text).length > 0;
}
