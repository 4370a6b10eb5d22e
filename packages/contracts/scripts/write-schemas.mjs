// `npm run schemas -w packages/contracts`: writes schemas/ and docs/api/asyncapi.json anew. A message type that older receivers could not read any
// more needs a new version in its subject instead.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncApiDocument } from '../dist/documents/index.js';
import { jsonSchemas } from '../dist/json-schemas.js';

const directory = join(import.meta.dirname, '..', 'schemas');
mkdirSync(directory, { recursive: true });
for (const file of readdirSync(directory)) rmSync(join(directory, file));
const schemas = jsonSchemas();
for (const [file, schema] of Object.entries(schemas)) {
  writeFileSync(join(directory, file), JSON.stringify(schema, null, 2) + '\n');
}
console.log(`wrote ${Object.keys(schemas).length} schemas to ${directory}`);

const documents = join(import.meta.dirname, '..', '..', '..', 'docs', 'api');
mkdirSync(documents, { recursive: true });
writeFileSync(join(documents, 'asyncapi.json'), JSON.stringify(asyncApiDocument(), null, 2) + '\n');
console.log(`wrote ${join(documents, 'asyncapi.json')}`);
