import { expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemas } from '../src/json-schemas.js';

const directory = join(import.meta.dirname, '..', 'schemas');

test('no message changes without anyone noticing: the committed JSON Schemas are those of the code', () => {
  const current = jsonSchemas();
  expect(readdirSync(directory).sort()).toEqual(Object.keys(current).sort());
  for (const [file, schema] of Object.entries(current)) {
    const committed: unknown = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    const fromCode: unknown = JSON.parse(JSON.stringify(schema));
    expect({ file, schema: committed }).toEqual({ file, schema: fromCode });
  }
});
