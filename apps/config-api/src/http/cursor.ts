// Cursors of lists: opaque to callers, so that what a list is ordered by may change.
import { ProblemError } from '@postrider/contracts';
import { z } from 'zod';

/** `values` say where the next page begins; a cursor is good for the list that made it only. */
export function encodeCursor(list: string, values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...values])).toString('base64url');
}

/** The values of a cursor as `schema` (a tuple) reads them, or null without one; throws `invalid_fields`. */
export function decodeCursor<T extends z.ZodType>(
  list: string,
  cursor: string | undefined,
  schema: T,
): z.infer<T> | null {
  if (cursor === undefined) return null;
  const parsed = z
    .tuple([z.literal(list)])
    .rest(z.unknown())
    .safeParse(parse(cursor));
  const values = parsed.success ? schema.safeParse(parsed.data.slice(1)) : null;
  if (values?.success !== true) {
    const detail = 'is no cursor of this list: send back a NextCursor as it was given, or none to start anew';
    throw new ProblemError('invalid_fields', `Cursor ${detail}`, [{ parameter: 'Cursor', detail }]);
  }
  return values.data;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

export interface Page<T> {
  readonly Data: T[];
  readonly NextCursor: string | null;
}

/** One page of `rows`, which were asked for with one more than `limit`, to see whether there is a next page. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  cursorOf: (row: R) => string,
  toItem: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    Data: shown.map(toItem),
    NextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  };
}
