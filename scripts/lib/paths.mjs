// Where things are, whatever folder the command was started from.
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Data, logs, secrets. POSTRIDER_STATE_DIR sets another place for a second system from the same clone. */
export const stateDir = resolve(process.env.POSTRIDER_STATE_DIR || join(root, '.postrider'));
export const logsDir = join(stateDir, 'logs');
export const localFile = join(stateDir, 'local.json');

/** Tells the data of several clones on one machine apart. */
export const cloneId = createHash('sha256').update(root).digest('hex').slice(0, 10);

/** Home of what the PostgreSQL account cannot reach inside the clone (root in /root, for instance). */
export const outsideDir = join('/var/lib', `postrider-${cloneId}`);

/** The four processes, with what they are called in local.json, in role and user names, and in the environment. */
export const services = [
  {
    name: 'config-api',
    key: 'ConfigApi',
    role: 'config_api',
    portVariable: 'CONFIG_API_PORT',
    defaultPort: 3000,
  },
  {
    name: 'event-ingest',
    key: 'EventIngest',
    role: 'event_ingest',
    portVariable: 'EVENT_INGEST_PORT',
    defaultPort: 3001,
  },
  {
    name: 'dispatcher',
    key: 'Dispatcher',
    role: 'dispatcher',
    portVariable: 'DISPATCHER_PORT',
    defaultPort: 3002,
  },
  { name: 'signer', key: 'Signer', role: 'signer', portVariable: 'SIGNER_PORT', defaultPort: 3003 },
];

export const entryPoint = (service) => join(root, 'apps', service.name, 'dist', 'main.js');
