import { RE2JS, RE2JSException, RE2Set } from 're2js';
import { requiredText, type MayOccur } from './required-text.policy.js';

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
/** Of one for several patterns: with half of it 16 patterns of Unicode's classes take 3 times as long. */
const maxSharedAutomatonBytes = 131_072;

export type RegexJudgement = { valid: true } | { valid: false; detail: string };

export interface Regex {
  readonly pattern: string;
  /** The size of RE2's program. */
  readonly instructions: number;
  /** Null: any text has to be searched. */
  readonly mayOccurIn: MayOccur | null;
}

export function validateRegex(pattern: string): RegexJudgement {
  if (pattern === '') return { valid: false, detail: 'needs a regular expression' };
  if ([...pattern].length > maxRegexCharacters) {
    return { valid: false, detail: `is longer than ${maxRegexCharacters} characters` };
  }
  try {
    if (parseRegex(pattern).instructions <= maxInstructions) return { valid: true };
    return { valid: false, detail: 'is too complex a regular expression; use fewer or smaller repetitions' };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { valid: false, detail: `is no regular expression in RE2 syntax: ${error.message}` };
  }
}

/** A filter (20 rules at the most) is judged before it is compiled: what was just parsed is not parsed again (0.3 ms). */
const maxParsed = 20;
const parsed = new Map<string, Regex>();

/** Throws RE2JSException. */
export function parseRegex(pattern: string): Regex {
  const known = parsed.get(pattern);
  if (known !== undefined) return known;
  const compiled = RE2JS.compile(pattern);
  const regex = {
    pattern,
    instructions: compiled.programSize(),
    mayOccurIn: requiredText(pattern, compiled),
  };
  if (parsed.size >= maxParsed) parsed.clear();
  parsed.set(pattern, regex);
  return regex;
}

/** ASCII without a meaning of its own, full stops escaped, maybe held to the text's begin or end: most of what is written. */
const plainPattern = /^(\^?)((?:[A-Za-z0-9 _:;,/@#%&=<>"'!~`-]|\\[.^$|()[\]{}*+?/-])*)(\$?)$/;

/** What a pattern of plain characters means, without an automaton: 100 times quicker. Null for any other pattern. */
export function compilePlain(pattern: string): ((text: string) => boolean) | null {
  const [, begin = '', escaped = '', end = ''] = plainPattern.exec(pattern) ?? [];
  if (escaped === '') return null;
  const wanted = escaped.replace(/\\(.)/g, '$1');
  if (begin !== '' && end !== '') return (text) => text === wanted;
  if (begin !== '') return (text) => text.startsWith(wanted);
  return end === '' ? (text) => text.includes(wanted) : (text) => text.endsWith(wanted);
}

/** Does the pattern occur in a text (of at most `maxSearchedCharacters`)? */
export function compileRegex(pattern: string): (text: string) => boolean {
  const set = new RE2Set(RE2Set.UNANCHORED, 0, maxAutomatonBytes);
  set.add(pattern);
  return (text) => set.match(text).length > 0;
}

export interface RegexSet {
  /** Which of the patterns occur in a text (of at most `maxSearchedCharacters`)? By their place in the list. */
  readonly search: (text: string) => readonly number[];
  /** The states that the automaton has now: it builds them as it searches, and begins anew where they become too many. */
  readonly states: () => number;
}

export function compileRegexes(patterns: readonly string[]): RegexSet {
  const set = new RE2Set(RE2Set.UNANCHORED, 0, maxSharedAutomatonBytes);
  for (const pattern of patterns) set.add(pattern);
  set.compile();
  return { search: (text) => set.match(text), states: () => set.dfa.stateCount };
}
