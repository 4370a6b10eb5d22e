// What the contracts leave open about a topic's schema: whether it is one, and whether the example keeps to it.
import { ProblemError } from '@postrider/contracts';
import { compileDataSchema, InvalidDataSchemaError, type DataValidator } from '@postrider/matching';

/** Throws `invalid_fields`. An example must keep to a schema that is enforced: it is sent as an event would be. */
export function judgeTopicSchema(
  enforce: boolean,
  schema: Record<string, unknown> | null,
  example: Record<string, unknown> | null,
): void {
  if (schema === null) {
    if (enforce) throw invalid('/EnforceSchema', 'needs a Schema to enforce');
    return;
  }
  const problem = compile(schema)(example ?? {});
  if (enforce && example !== null && problem !== null) {
    throw invalid(`/Example${problem.pointer}`, problem.detail);
  }
}

function compile(schema: Record<string, unknown>): DataValidator {
  try {
    return compileDataSchema(schema);
  } catch (error) {
    if (error instanceof InvalidDataSchemaError) throw invalid('/Schema', error.message);
    throw error;
  }
}

function invalid(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid_fields', `${pointer} ${detail}`, [{ pointer, detail }]);
}
