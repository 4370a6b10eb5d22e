import type { FilterRule } from '@postrider/contracts';
import { readField, validateField, type FilterableEvent } from './field.policy.js';
import { compileOperator, validateValue } from './operator.policy.js';
import { compileMatches } from './pattern-set.policy.js';

export const maxFilterRules = 20;

export interface FilterProblem {
  /** JSON pointer relative to the filter, as `/0/Field`. */
  readonly pointer: string;
  readonly detail: string;
}

/** What the schema of a filter leaves open: which fields there are, which value an operator takes. Empty is fine. */
export function validateFilter(rules: readonly FilterRule[]): FilterProblem[] {
  if (rules.length > maxFilterRules)
    return [{ pointer: '', detail: `has more than ${maxFilterRules} rules` }];
  return rules.flatMap(({ Field, Operator, Value }, index) => {
    const problems: FilterProblem[] = [];
    const field = validateField(Field);
    if (field !== null) problems.push({ pointer: `/${index}/Field`, detail: field });
    const value = validateValue(Operator, Value);
    if (value !== null) problems.push({ pointer: `/${index}/Value`, detail: value });
    return problems;
  });
}

export class InvalidFilterError extends Error {
  constructor(readonly problems: readonly FilterProblem[]) {
    super(problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '));
    this.name = 'InvalidFilterError';
  }
}

export type CompiledFilter = readonly ((event: FilterableEvent) => boolean)[];

/** No filter, and one without rules, let everything through. Throws InvalidFilterError. */
export function compileFilter(rules: readonly FilterRule[] | null): CompiledFilter {
  if (rules === null) return [];
  const problems = validateFilter(rules);
  if (problems.length > 0) throw new InvalidFilterError(problems);
  return rules.map(sharedRule);
}

/** So many different rules are shared among filters; then it begins anew, and who was there before keeps its own. */
const maxShared = 20_000;
const shared = new Map<string, CompiledFilter[number]>();

/** Many webhooks have the same rule: it is asked once per event. */
function sharedRule(rule: FilterRule): CompiledFilter[number] {
  const key = JSON.stringify([rule.Field, rule.Operator, rule.Value]);
  let compiled = shared.get(key);
  if (compiled === undefined) {
    if (shared.size >= maxShared) shared.clear();
    shared.set(key, (compiled = compileRule(rule)));
  }
  return compiled;
}

function compileRule({ Field, Operator, Value }: FilterRule): CompiledFilter[number] {
  const read = readField(Field);
  const holds =
    Operator === 'matches' ? compileMatches(Field, String(Value)) : compileOperator(Operator, Value);
  // By number: an event that was kept here would stay in memory.
  let asked: number | undefined;
  let verdict = false;
  return (event) => {
    if (asked === undefined || event.number !== asked) {
      verdict = holds(read(event), event.number);
      asked = event.number;
    }
    return verdict;
  };
}

export type FilterVerdict = { passes: true } | { passes: false; failedRule: number };

/** All rules must hold; `failedRule` is the index of the first that does not, and later ones are not looked at. */
export function evaluate(filter: CompiledFilter, event: FilterableEvent): FilterVerdict {
  for (let index = 0; index < filter.length; index += 1) {
    if (filter[index]?.(event) === false) return { passes: false, failedRule: index };
  }
  return { passes: true };
}
