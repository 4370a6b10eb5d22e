/**
 * What each operator means for each kind of value. A field is looked at as follows; the table test has every case.
 *
 * | field's value | `is`                                         | `contains`, `starts_with`, `ends_with`, `matches` |
 * | ------------- | -------------------------------------------- | ------------------------------------------------- |
 * | string        | same characters; if Value is a number: same decimal value; if a boolean: "true", "false" | its characters |
 * | number        | same decimal value, Value being a number or a string that is written as a JSON number    | its digits     |
 * | boolean       | Value is the same, or the string "true", "false"                                         | true, false    |
 * | null          | Value is null                                | never                                             |
 * | array         | any element that is no array or object       | any element, in the same way                      |
 * | object        | never                                        | never                                             |
 * | missing       | never                                        | never                                             |
 *
 * `is_not` and `not_contains` are the exact opposites: they hold for missing fields and objects too. Characters are
 * compared as published: upper and lower case differ, and so do composed and decomposed accents (no Unicode
 * normalization). A number's digits are those of its shortest form (`5.0` is 5, `1e3` is 1000) where a double
 * holds it, else as published; decimal values are compared exactly, so numbers beyond 2^53 are never confused.
 */
import { decimalKey, type FilterRule } from '@postrider/contracts';
import { validateRegex } from './regex.policy.js';
import { textOf } from './text-of.policy.js';

type Operator = FilterRule['Operator'];
type Value = FilterRule['Value'];
type Test = (value: unknown) => boolean;

/** Null, or what is wrong with a rule's Value. */
export function validateValue(operator: Operator, value: Value): string | null {
  if (operator === 'matches') {
    if (typeof value !== 'string') return 'must be a text: a regular expression';
    const judgement = validateRegex(value);
    return judgement.valid ? null : judgement.detail;
  }
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return 'has lost digits on its way, as a JSON number beyond ±(2^53 - 1); write it as a string';
  }
  if (operator === 'is' || operator === 'is_not') return null;
  if (value === null) return `must be a text for ${operator}; only is and is_not compare with null`;
  return value === '' ? `must not be empty for ${operator}` : null;
}

/** The value must have passed `validateValue`; `matches` has a file of its own (pattern-set.policy.ts). */
export function compileOperator(operator: Exclude<Operator, 'matches'>, value: Value): Test {
  const wanted = String(value);
  switch (operator) {
    case 'is':
      return ofAny(compileEquality(value));
    case 'is_not':
      return not(ofAny(compileEquality(value)));
    case 'contains':
      return ofAnyText((text) => text.includes(wanted));
    case 'not_contains':
      return not(ofAnyText((text) => text.includes(wanted)));
    case 'starts_with':
      return ofAnyText((text) => text.startsWith(wanted));
    case 'ends_with':
      return ofAnyText((text) => text.endsWith(wanted));
  }
}

function not(test: Test): Test {
  return (value) => !test(value);
}

function ofAny(test: Test): Test {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

function ofAnyText(test: (text: string) => boolean): Test {
  return ofAny((value) => {
    const text = textOf(value);
    return text !== null && test(text);
  });
}

function compileEquality(expected: Value): Test {
  if (expected === null) return (value) => value === null;
  const text = String(expected);
  const key = typeof expected === 'boolean' ? null : decimalKey(text);
  // A double holds its number exactly here (json-value.policy.ts): where the expected one has a double, they are compared.
  const double = key !== null && decimalKey(String(Number(text))) === key ? Number(text) : null;
  return (value) => {
    if (typeof value === 'number') return double !== null && value === double;
    if (typeof value === 'string' && typeof expected !== 'number') return value === text;
    if (typeof value === 'boolean') return String(value) === text;
    const digits = textOf(value);
    return key !== null && digits !== null && decimalKey(digits) === key;
  };
}
