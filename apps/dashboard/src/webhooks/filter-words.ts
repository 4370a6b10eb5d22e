import type { FilterRule } from '@postrider/contracts';

export const operatorWords: Readonly<Record<FilterRule['Operator'], string>> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
  starts_with: 'starts with',
  ends_with: 'ends with',
  matches: 'matches (RE2)',
};

/** A rule as a sentence: `Data.State is "Failed"`. */
export const ruleText = ({ Field, Operator, Value }: FilterRule): string =>
  `${Field} ${operatorWords[Operator]} ${JSON.stringify(Value)}`;
