// The roles of docker-compose.yml: what its containers are handed, and what its migration makes of it on a new server.
import { expect, test } from '@jest/globals';
import { makeComposeSecrets, startPostgres, type ComposePlace } from '@postrider/test-kit';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { serviceRoles, type ServiceRole } from '../src/roles.js';
import { tryRoles, type Tried } from './grants-tests.js';

const program = join(import.meta.dirname, '..', 'dist', 'migrate.js');
const placeOf = (role: ServiceRole) => role.replace('_', '-') as ComposePlace;

/** PostgreSQL, its migration and the URLs of the services, as `docker compose up` has them at its first start. */
async function startCompose(): Promise<Tried> {
  const secrets = makeComposeSecrets();
  const postgres = await startPostgres({
    fsync: false,
    database: 'postrider',
    password: secrets.postgresPassword,
  });
  /** The container's URL, but for where its server is. */
  const here = (url = ''): string => {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${postgres.port}`;
    return changed.href;
  };
  const urlFor = (role: ServiceRole) => here(secrets.environmentOf(placeOf(role))['DATABASE_URL']);
  const migration = secrets.environmentOf('migrate');
  const adminUrl = here(migration['DATABASE_URL']);
  await promisify(execFile)(process.execPath, [program], { env: { ...migration, DATABASE_URL: adminUrl } });
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  return {
    urlFor,
    query: async <Row extends object>(sql: string) => (await admin.query<Row>(sql)).rows,
    stop: async () => {
      await admin.end();
      await postgres.stop();
    },
  };
}

tryRoles(startCompose);

test("no service is handed the password of another, nor the administrator's", () => {
  const secrets = makeComposeSecrets();
  const passwordOf = (place: ComposePlace) =>
    new URL(secrets.environmentOf(place)['DATABASE_URL'] ?? '').password;
  const passwords = [...serviceRoles.map(placeOf), 'migrate' as const].map(passwordOf);
  expect(new Set(passwords).size).toBe(serviceRoles.length + 1);
  for (const place of serviceRoles.map(placeOf)) {
    const text = JSON.stringify(secrets.environmentOf(place));
    for (const password of passwords.filter((other) => other !== passwordOf(place)))
      expect(text).not.toContain(password);
  }
});
