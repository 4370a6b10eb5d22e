import type { FilterRule } from '@postrider/contracts';
import { readField, validateField, type FilterableEvent } from './field.policy.js';
import { compileOperator, validateValue } from './operator.policy.js';

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
  return rules.map(({ Field, Operator, Value }) => {
    const read = readField(Field);
    const holds = compileOperator(Operator, Value);
    return (event: FilterableEvent) => holds(read(event));
  });
}

export type FilterVerdict = { passes: true } | { passes: false; failedRule: number };

/** All rules must hold; `failedRule` is the index of the first that does not, and later ones are not looked at. */
export function evaluate(filter: CompiledFilter, event: FilterableEvent): FilterVerdict {
  const failedRule = filter.findIndex((holds) => !holds(event));
  return failedRule < 0 ? { passes: true } : { passes: false, failedRule };
}
