// The kinds of text and numbers that the interfaces are made of, each with its limits and its error text.
import { z } from 'zod';

/** UUID in canonical form, any version; letters are folded to lower case. RFC 9562 section 4. */
export const Uuid = z
  .string()
  .regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, {
    error: 'must be a UUID such as 0192f0c1-7a3b-7c4d-8e5f-0123456789ab',
  })
  .overwrite((value) => value.toLowerCase());

/** An event's public Id: the publisher's or one made here; 1..64 characters, no full stop (it is signed as `id.timestamp.body`). */
export const EventId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be 1..64 characters of A-Z, a-z, 0-9, _ and -' });

/** Milliseconds since 1970-01-01T00:00:00Z, 0 .. 8.64e15 (what a Date can hold). */
export const EpochMs = z
  .int({ error: 'must be an integer: milliseconds since 1970' })
  .min(0)
  .max(8_640_000_000_000_000);

const wellFormed = (text: string): boolean => text.isWellFormed();
// C0, DEL and C1: what a terminal, a log or a header could take for an instruction.
// eslint's no-control-regex would refuse the literal; the class is spelled by property.
const noControls = (text: string): boolean => !/\p{Cc}/u.test(text);
const characters = (text: string): number => [...text].length;

/**
 * Names, nicknames and `Resource`: 1..100 characters (code points), not blank, no control characters,
 * no lone surrogates.
 */
export const Name = z
  .string({ error: 'must be a text of 1..100 characters' })
  .max(400, { error: 'must be at most 100 characters', abort: true })
  .refine((text) => text.trim().length > 0, { error: 'must not be empty', abort: true })
  .refine((text) => characters(text) <= 100, { error: 'must be at most 100 characters' })
  .refine(noControls, { error: 'must not contain control characters' })
  .refine(wellFormed, { error: 'must be well-formed Unicode (it has a lone surrogate)' });

/** Full-stop delimited words, as in `job.execution.started`; at most 128 characters and 8 words. */
export const TopicName = z
  .string({ error: 'must be a topic such as job.execution.failed' })
  .max(128)
  .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+){0,7}$/i, {
    error: 'must be 1..8 words of A-Z, a-z, 0-9, _ and -, separated by full stops',
  });

/** What a webhook may name: a topic, `*`, or a prefix with `.*`. Whether it matches a known topic is judged where the catalog is. */
export const TopicPattern = z
  .string({ error: 'must be a topic, "*", or a prefix such as "job.execution.*"' })
  .max(128)
  .regex(/^(\*|[a-z0-9_-]+(\.[a-z0-9_-]+){0,7}(\.\*)?)$/i, {
    error: 'must be a topic, "*", or a prefix such as "job.execution.*"',
  });

/** A value for an HTTP `Authorization` header: printable ASCII, 1..4096, so that it can't end the header. RFC 9110 section 5.5. */
export const AuthorizationValue = z
  .string({ error: 'must be a text of 1..4096 printable ASCII characters' })
  .regex(/^[\x20-\x7e]{1,4096}$/, {
    error: 'must be 1..4096 printable ASCII characters (no line breaks, no control characters)',
  })
  .refine((text) => text.trim() === text && text.length > 0, {
    error: 'must not begin or end with a space',
  });

const maxJsonDepth = 64;

/** A JSON object as it comes out of JSON.parse, no deeper than can be printed again without care. */
export const JsonObject = z
  .record(z.string(), z.unknown(), { error: 'must be a JSON object' })
  .refine((value) => isWithinDepth(value, maxJsonDepth), {
    error: `must not be nested more than ${maxJsonDepth} deep`,
  });

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isWithinDepth(item, depth - 1));
}

/** Answer of every list: `Limit` 1..100 rows, newest first. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ Data: z.array(item), NextCursor: z.string().nullable() });

const queryInteger = (min: number, max: number, what: string) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, { error: `must be an integer: ${what}` })
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** Query parameters of every list. */
export const ListQuery = z.strictObject({
  Limit: queryInteger(1, 100, 'rows per page, 1..100').default(25),
  Cursor: z.string().min(1).max(512).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const QueryEpochMs = queryInteger(0, 8_640_000_000_000_000, 'milliseconds since 1970');
