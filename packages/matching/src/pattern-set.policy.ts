// The patterns that `matches` looks for. One automaton for each is right for a few; a thousand of them cost 2 to 5 µs
// each per event, as none stays in the processor's cache. So those that are asked again and again share one with others of
// the same field (docs/adr/0026). What is answered never depends on it, only how long it takes.
import {
  compilePlain,
  compileRegex,
  compileRegexes,
  parseRegex,
  type Regex,
  type RegexSet,
} from './regex.policy.js';
import { someSearchedText } from './text-of.policy.js';

/** `eventNumber` is that of the event whose field has this value; unset: nothing is remembered. */
export type MatchesTest = (value: unknown, eventNumber: number | undefined) => boolean;

const setSize = 16;
/** Of a set together and of one in it: a set that explodes is searched at no more than twice the cost of the worst pattern. */
const maxSetInstructions = 1_024;
const maxSharedInstructions = 256;
/** So many values decide whether a pattern shares an automaton, and whether it goes on to. */
const trial = 64;
/**
 * A set that goes on to build so many states of its automaton per value and per character explodes: building one costs
 * what 16 patterns cost alone on 4 values or 100 characters. Counted, not timed: a busy machine says nothing about a set.
 */
const maxStatesPerValue = 4;
const maxStatesPerCharacter = 0.01;

export function compileMatches(field: string, pattern: string): MatchesTest {
  const plain = compilePlain(pattern);
  if (plain !== null) return (value) => someSearchedText(value, plain);
  const looked = new Pattern(field, parseRegex(pattern));
  return (value, eventNumber) => looked.occursIn(value, eventNumber);
}

class Pattern {
  private alone: ((text: string) => boolean) | null = null;
  private shared: { readonly set: PatternSet; readonly bit: number } | null = null;
  private asked = 0;
  private searched = 0;
  private readonly mayOccurIn: Regex['mayOccurIn'];

  constructor(
    private readonly field: string,
    readonly regex: Regex,
  ) {
    this.mayOccurIn = regex.mayOccurIn;
  }

  occursIn(value: unknown, eventNumber: number | undefined): boolean {
    const { mayOccurIn } = this;
    const may = mayOccurIn === null || someSearchedText(value, mayOccurIn);
    if (this.asked < trial) this.count(may);
    if (!may) return false;
    const { shared } = this;
    if (shared === null || eventNumber === undefined) return someSearchedText(value, this.searchAlone);
    return (shared.set.found(value, eventNumber) & shared.bit) !== 0;
  }

  private readonly searchAlone = (text: string): boolean => {
    this.alone ??= compileRegex(this.regex.pattern);
    return this.alone(text);
  };

  /** One whose required characters are in most values has to be searched for over and over: it is worth sharing. */
  private count(searched: boolean): void {
    this.asked += 1;
    if (searched) this.searched += 1;
    if (this.asked < trial) return;
    if (this.regex.instructions > maxSharedInstructions) return;
    if (this.searched > trial / 2) gather(this.field, this);
    else this.asked = this.searched = 0;
  }

  share(set: PatternSet, bit: number): void {
    this.shared = { set, bit };
    this.alone = null;
  }

  /** For good: the texts of this field make the set explode. */
  leave(): void {
    this.shared = null;
  }
}

/** Of as many fields patterns wait for others; then it begins anew. */
const maxGatheredFields = 1_000;
const gathered = new Map<string, Pattern[]>();

/** Patterns of an organization with many come one after the other in the same event: they end up in the same sets. */
function gather(field: string, pattern: Pattern): void {
  let waiting = gathered.get(field);
  if (waiting === undefined) {
    if (gathered.size >= maxGatheredFields) gathered.clear();
    gathered.set(field, (waiting = []));
  }
  const instructions = waiting.reduce(
    (sum, { regex }) => sum + regex.instructions,
    pattern.regex.instructions,
  );
  if (instructions > maxSetInstructions) shareAmong(waiting.splice(0));
  waiting.push(pattern);
  if (waiting.length === setSize) shareAmong(waiting.splice(0));
}

function shareAmong(patterns: readonly Pattern[]): void {
  const set = new PatternSet(patterns);
  patterns.forEach((pattern, index) => {
    pattern.share(set, 1 << index);
  });
}

class PatternSet {
  private readonly automaton: RegexSet;
  private lastEvent: number | undefined;
  private lastFound = 0;
  private values = 0;
  private characters = 0;
  private built = 0;
  /** The first values build most of the automaton: not they are judged, but those that follow. */
  private judged = false;

  constructor(private readonly patterns: readonly Pattern[]) {
    this.automaton = compileRegexes(patterns.map(({ regex }) => regex.pattern));
  }

  /** A bit for each pattern that occurs in the value; the first that is asked for searches for all. */
  found(value: unknown, eventNumber: number): number {
    if (this.lastEvent === eventNumber) return this.lastFound;
    let found = 0;
    someSearchedText(value, (text) => {
      const before = this.automaton.states();
      for (const index of this.automaton.search(text)) found |= 1 << index;
      const after = this.automaton.states();
      this.built += after < before ? after : after - before;
      this.characters += text.length;
      return false;
    });
    this.lastEvent = eventNumber;
    this.lastFound = found;
    this.values += 1;
    if (this.values === trial) this.judge();
    return found;
  }

  private judge(): void {
    const most = this.values * maxStatesPerValue + this.characters * maxStatesPerCharacter;
    if (this.judged && this.built > most) for (const pattern of this.patterns) pattern.leave();
    this.judged = true;
    this.values = this.characters = this.built = 0;
  }
}
