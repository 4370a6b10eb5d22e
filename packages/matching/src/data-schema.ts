// JSON Schemas of topics: what the `Data` of an event must be like. Draft 2020-12, and draft-07 where `$schema` says so.
// Formats are annotations, as in 2020-12. Patterns are RE2's, so that no event makes one take long.
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';

export interface DataProblem {
  /** JSON pointer relative to `Data`. */
  readonly pointer: string;
  readonly detail: string;
}

/** Answers the first problem of parsed `Data`, or null. */
export type DataValidator = (data: unknown) => DataProblem | null;

/** Told to whoever wrote the schema. */
export class InvalidDataSchemaError extends Error {
  override readonly name = 'InvalidDataSchemaError';
}

/** Comparing every item with every other takes the square of their number. */
const maxUniqueItems = 1_000;

const options: Options = {
  strict: false,
  validateFormats: false,
  logger: false,
  code: { regExp: Object.assign(compilePattern, { code: '' }) },
};

/** Ajv tells patterns apart by their text: `toString`. */
function compilePattern(pattern: string): { test: (text: string) => boolean; toString: () => string } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
}

/** Throws InvalidDataSchemaError. Takes milliseconds: compile once per change. */
export function compileDataSchema(schema: Readonly<Record<string, unknown>>): DataValidator {
  if (schema['$async'] !== undefined) throw new InvalidDataSchemaError('must not be $async');
  requireBoundedUniqueItems(schema);
  const dialect = schema['$schema'];
  const isDraft07 = typeof dialect === 'string' && dialect.includes('draft-07');
  const ajv = isDraft07 ? new Ajv(options) : new Ajv2020(options);
  try {
    const validate = ajv.compile(schema);
    return (data) => (validate(data) === true ? null : toProblem(validate.errors?.[0]));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidDataSchemaError(`is no JSON Schema that can be used: ${reason.slice(0, 500)}`);
  }
}

function requireBoundedUniqueItems(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const { uniqueItems, maxItems } = part as { uniqueItems?: unknown; maxItems?: unknown };
  if (uniqueItems === true && !(typeof maxItems === 'number' && maxItems <= maxUniqueItems)) {
    throw new InvalidDataSchemaError(
      `has uniqueItems without a maxItems of at most ${maxUniqueItems} next to it`,
    );
  }
  for (const inner of Object.values(part)) requireBoundedUniqueItems(inner);
}

function toProblem(error: ErrorObject | undefined): DataProblem {
  if (error === undefined) return { pointer: '', detail: 'breaks the schema of its topic' };
  const { missingProperty, additionalProperty } = error.params as Partial<Record<string, string>>;
  const member = missingProperty ?? additionalProperty;
  const pointer = member === undefined ? '' : `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return {
    pointer: error.instancePath + pointer,
    detail: `breaks the schema of its topic: ${error.message ?? error.keyword}`,
  };
}
