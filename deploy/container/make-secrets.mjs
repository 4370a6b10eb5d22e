// The secrets of a compose installation: made once, kept in a volume of their own, and handed to each service in a
// volume that holds nothing but its own. What .env sets goes before what was made.
//   docker compose run --rm secrets show     tells what a person needs
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.SECRETS_DIR ?? '/secrets';
const kept = join(folder, 'kept', 'secrets.json');
const natsConfiguration = process.env.NATS_CONF ?? new URL('./nats.conf', import.meta.url);
const services = ['config_api', 'event_ingest', 'dispatcher', 'signer'];
const natsUsers = [...services, 'publisher'];

/** Begins with a letter, which nats-server asks of passwords that come as variables. */
const password = () => `p${randomBytes(24).toString('base64url')}`;

function readKept() {
  try {
    return JSON.parse(readFileSync(kept, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function collect() {
  const before = readKept();
  const secrets = {};
  const take = (name, make) => (secrets[name] = process.env[name] || before[name] || make());
  take('ADMIN_API_KEY', () => `pr_admin_${randomBytes(24).toString('base64url')}`);
  take('MASTER_KEYS', () => `key-1:${randomBytes(32).toString('base64')}`);
  take('MAIL_LINK_KEY', () => randomBytes(32).toString('base64url'));
  take('POSTGRES_PASSWORD', password);
  for (const service of services) take(`${service.toUpperCase()}_DB_PASSWORD`, password);
  for (const user of natsUsers) take(`${user.toUpperCase()}_NATS_PASSWORD`, password);
  return secrets;
}

/** Under another name first: what is there may not be written to, and is whole at any moment. */
function write(place, file, text, mode) {
  const path = join(folder, place, file);
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

/** A file that `node --env-file` reads. */
const envFile = (variables) =>
  Object.entries(variables)
    .map(([name, value]) => {
      if (/['\n]/.test(value)) throw new Error(`${name} must not hold an apostrophe or a line break`);
      return `${name}='${value}'\n`;
    })
    .join('');

function handOut(secrets) {
  const database = (user, secret) =>
    `postgres://${user}:${encodeURIComponent(secret)}@${process.env.POSTGRES_HOST ?? 'postgres'}:5432/postrider`;
  const nats = (user) =>
    `nats://${user}:${encodeURIComponent(secrets[`${user.toUpperCase()}_NATS_PASSWORD`])}@nats:4222`;
  const { ADMIN_API_KEY, MASTER_KEYS, MAIL_LINK_KEY, POSTGRES_PASSWORD } = secrets;
  const own = {
    config_api: { ADMIN_API_KEY, MAIL_LINK_KEY },
    event_ingest: { ADMIN_API_KEY },
    dispatcher: { MAIL_LINK_KEY },
    signer: { MASTER_KEYS },
  };
  for (const service of services) {
    const DATABASE_URL = database(`postrider_${service}`, secrets[`${service.toUpperCase()}_DB_PASSWORD`]);
    const variables = { DATABASE_URL, NATS_URL: nats(service), ...own[service] };
    write(service.replace('_', '-'), 'env', envFile(variables), 0o400);
  }
  const passwords = services.map((service) => [service, secrets[`${service.toUpperCase()}_DB_PASSWORD`]]);
  const ROLE_PASSWORDS = JSON.stringify(Object.fromEntries(passwords));
  const DATABASE_URL = database('postgres', POSTGRES_PASSWORD);
  write('migrate', 'env', envFile({ DATABASE_URL, ROLE_PASSWORDS, ROLE_PREFIX: 'postrider' }), 0o400);
  write('receiver', 'env', envFile({ ADMIN_API_KEY }), 0o400);
  // Read by other users than ours; nothing else can see these volumes.
  write('postgres', 'password', POSTGRES_PASSWORD, 0o444);
  const variables = natsUsers.map((user) => `${user.toUpperCase()}_NATS_PASSWORD`);
  const definitions = variables.map((name) => `${name}: ${JSON.stringify(secrets[name])}\n`).join('');
  write('nats', 'nats.conf', definitions + readFileSync(natsConfiguration, 'utf8'), 0o444);
}

if (process.argv[2] === 'show') {
  const { ADMIN_API_KEY, PUBLISHER_NATS_PASSWORD } = readKept();
  console.log(`admin key: ${ADMIN_API_KEY}`);
  console.log(`NATS for schedulers: nats://publisher:${PUBLISHER_NATS_PASSWORD}@127.0.0.1:4222`);
} else {
  const secrets = collect();
  write('kept', 'secrets.json', JSON.stringify(secrets, null, 2), 0o600);
  handOut(secrets);
  console.log('secrets are in place; what a person needs of them: docker compose run --rm secrets show');
}
