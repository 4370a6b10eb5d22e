// Prints what a shell needs to talk to the system that `npm start` runs:  eval "$(node scripts/env.mjs)"
import { readFileSync } from 'node:fs';
import { localFile } from './lib/paths.mjs';

const file = process.env.POSTRIDER_LOCAL_FILE ?? localFile;
try {
  const { ApiUrl, IngestUrl, NatsUrl, AdminApiKey } = JSON.parse(readFileSync(file, 'utf8'));
  const variables = { API: ApiUrl, INGEST: IngestUrl, NATS_URL: NatsUrl, KEY: AdminApiKey };
  for (const [name, value] of Object.entries(variables)) {
    console.log(`export ${name}='${String(value).replaceAll("'", `'\\''`)}'`);
  }
} catch {
  console.error(`Postrider does not run here (no ${file}): start it with npm start`);
  console.log('false');
  process.exit(1);
}
