// Parameters for statements that take a batch. pg prints a JS array by walking and escaping it; these print what needs
// no escaping by a join, and put free text and bytes into one binary blob that SQL cuts up again: no escaping at all.

/** For uuid[], int[], bigint[], and text[] of words without quotes, commas, braces, backslashes and spaces. */
export function arrayParam(values: readonly (string | number | boolean | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    const value = values[index];
    text += value == null ? 'NULL' : isWordNull(value) ? `"${value}"` : String(value);
  }
  return text + '}';
}

/** PostgreSQL reads an unquoted `null` as NULL, in any case of letters; an event's Id or topic may be that very word. */
function isWordNull(value: string | number | boolean): boolean {
  return typeof value === 'string' && value.length === 4 && value.toUpperCase() === 'NULL';
}

/** For text[] of anything but NUL; a null becomes NULL. Costs more than arrayParam: long texts are better packed. */
export function textArrayParam(values: readonly (string | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    const value = values[index];
    if (value === null || value === undefined) text += 'NULL';
    else text += needsEscape.test(value) ? `"${value.replaceAll(escaped, '\\$&')}"` : `"${value}"`;
  }
  return text + '}';
}

const needsEscape = /["\\]/;
const escaped = /["\\]/g;

export interface PackedParam {
  /** All values one after the other. */
  readonly bytes: Buffer;
  /** `{0,17,…}` for int[]: where each value starts, from 0; NULL where the value is null. */
  readonly offsets: string;
  /** `{17,4,…}` for int[]: how long each is in bytes. */
  readonly lengths: string;
}

/**
 * Packs texts (as UTF-8) and byte strings. In SQL, for row i:
 * `convert_from(substr($bytes, offset + 1, length), 'UTF8')`, or without convert_from for bytea.
 * `startAt` moves the offsets, where another blob stands before this one.
 */
export function packedParam(values: readonly (string | Uint8Array | null)[], startAt = 0): PackedParam {
  const chunks: Uint8Array[] = [];
  const offsets: (number | null)[] = [];
  const lengths: (number | null)[] = [];
  let at = startAt;
  for (const value of values) {
    if (value === null) {
      offsets.push(null);
      lengths.push(null);
      continue;
    }
    const chunk = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    chunks.push(chunk);
    offsets.push(at);
    lengths.push(chunk.length);
    at += chunk.length;
  }
  return { bytes: Buffer.concat(chunks), offsets: arrayParam(offsets), lengths: arrayParam(lengths) };
}
