// Checks bodies, query and path parameters against the schema that the handler names: `@Body({ schema })`,
// `@Query({ schema })`, `@Param('id', { schema })`. Every wrong field is named by pointer or parameter.
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { fieldErrors, ProblemError, type FieldError } from '@postrider/contracts';
import { z } from 'zod';

export class SchemaPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const { schema } = metadata as ArgumentMetadata & { schema?: unknown };
    if (!(schema instanceof z.ZodType)) return value;
    return parseWith(schema, value, metadata.type, metadata.data);
  }
}

/** Parses, or throws `invalid_fields` that names each wrong field. */
export function parseWith<T extends z.ZodType>(
  schema: T,
  value: unknown,
  from: ArgumentMetadata['type'] = 'body',
  name?: string,
): z.infer<T> {
  // A missing body of a call that needs none is an empty object.
  const result = schema.safeParse(from === 'body' && value === undefined ? {} : value, { reportInput: true });
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues);
  if (from === 'body') throw new ProblemError('invalid_fields', summarize(errors), errors);
  const parameters = errors.map(({ pointer, detail }): FieldError => ({
    parameter: name ?? (pointer ?? '').split('/')[1] ?? '',
    detail: detail.replace(/^unknown field/, 'unknown query parameter'),
  }));
  throw new ProblemError('invalid_fields', summarize(parameters), parameters);
}

function summarize(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return 'the request is not as it should be';
  const where = first.pointer ?? first.parameter ?? '';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${where === '' ? 'the body' : where} ${first.detail}${more}`;
}
