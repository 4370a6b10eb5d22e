// JSON Schema (draft 2020-12) of every message, as committed in schemas/.
import { z } from 'zod';
import { messageSchemas } from './schemas.js';

/** File name → JSON Schema; `io: input`, since a schema tells whoever writes the message what to write. */
export function jsonSchemas(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(messageSchemas).map(([name, schema]) => [
      `${name}.json`,
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
    ]),
  );
}
