// Do the keys of MASTER_KEYS open what is stored? Asked before the first request is taken, and every few minutes.
import type { Pool } from 'pg';
import { EnvelopeError, open, seal, type SecretPlace } from '../shared/envelope.js';
import type { MasterKeys } from '../shared/master-keys.js';

interface Sample {
  organization_id: string;
  webhook_id: string;
  version: number;
  sealed: Buffer;
}

const tables = [
  { table: 'signing_secrets', field: 'signing-secret' },
  { table: 'webhook_credentials', field: 'authorization' },
] as const satisfies readonly { table: string; field: SecretPlace['field'] }[];

/**
 * null when the newest key opens what it seals and a row of every key that is in use opens too; else the reason, for an
 * operator. Rejects when the database is away.
 */
export async function checkKeys(pool: Pool, keys: MasterKeys): Promise<string | null> {
  const place: SecretPlace = {
    organizationId: 'self-test',
    webhookId: 'self-test',
    field: 'signing-secret',
    version: 1,
  };
  if (open(keys, place, seal(keys, place, 'self-test')) !== 'self-test') {
    return `the master key ${keys.newest.id} does not open what it seals`;
  }
  for (const { table, field } of tables) {
    const samples = await pool.query<Sample>(
      `SELECT s.* FROM (SELECT DISTINCT key_id FROM ${table}) AS k CROSS JOIN LATERAL
         (SELECT organization_id, webhook_id, version, sealed FROM ${table} WHERE key_id = k.key_id LIMIT 1) AS s`,
    );
    for (const sample of samples.rows) {
      const reason = whyClosed(keys, field, sample);
      if (reason !== null) return reason;
    }
  }
  return null;
}

function whyClosed(keys: MasterKeys, field: SecretPlace['field'], sample: Sample): string | null {
  const { organization_id: organizationId, webhook_id: webhookId, version, sealed } = sample;
  try {
    open(keys, { organizationId, webhookId, field, version }, sealed);
    return null;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return `the ${field} of webhook ${webhookId} does not open: ${error.message}`;
  }
}
