// `npm run rewrap-secrets`: what older master keys wrap is wrapped by the newest, while signers go on signing. Signers do
// the same by themselves, at their start and every hour; this does it now, shows how far it is, and says when the older
// keys may leave MASTER_KEYS.
import { createPool } from '@postrider/database';
import { ConfigurationError } from '@postrider/runtime';
import { readRewrapConfig } from './config.js';
import { checkKeys } from './secrets/check-keys.js';
import { rewrapSecrets } from './secrets/rewrap-secrets.js';

async function run(): Promise<number> {
  const { DATABASE_URL: databaseUrl, MASTER_KEYS: keys } = readRewrapConfig();
  const pool = createPool({ databaseUrl, applicationName: 'rewrap-secrets', max: 1 }, () => undefined);
  try {
    // Nothing is touched with keys that do not fit.
    const reason = await checkKeys(pool, keys);
    if (reason !== null) {
      process.stderr.write(`rewrap-secrets: ${reason}: add the missing key to MASTER_KEYS\n`);
      return 1;
    }
    const say = (rewrapped: number): void => void process.stdout.write(`${rewrapped} rewrapped\n`);
    const done = await rewrapSecrets(pool, keys, () => false, say);
    if (done.unopened > 0) {
      process.stderr.write(
        `rewrap-secrets: ${done.unopened} do not open and stay as they are: keep the older keys\n`,
      );
      return 1;
    }
    process.stdout.write(
      `done: ${done.rewrapped} rewrapped; all is under ${keys.newest.id}, older keys may go\n`,
    );
    return 0;
  } finally {
    await pool.end();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  const message =
    error instanceof ConfigurationError ? error.message : `the database is away: ${String(error)}`;
  process.stderr.write(`rewrap-secrets: ${message}\n`);
  process.exitCode = 1;
}
