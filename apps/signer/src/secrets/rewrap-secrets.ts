// Moves what older master keys wrap to the newest, while everything runs: once no row names an older key, it can leave
// MASTER_KEYS. Only the wrapped data key is replaced. Several signers may do it at the same time.
import type { Pool } from 'pg';
import { EnvelopeError, rewrap, type SecretPlace } from '../shared/envelope.js';
import type { MasterKeys } from '../shared/master-keys.js';

interface Row {
  organization_id: string;
  webhook_id: string;
  version: number;
  sealed: Buffer;
}

const rowsPerStep = 200;
const tables = [
  { table: 'signing_secrets', field: 'signing-secret' },
  { table: 'webhook_credentials', field: 'authorization' },
] as const satisfies readonly { table: string; field: SecretPlace['field'] }[];

export interface Rewrapped {
  rewrapped: number;
  /** Rows that did not open with the key they name: they stay as they are. */
  unopened: number;
}

export async function rewrapSecrets(
  pool: Pool,
  keys: MasterKeys,
  isStopping: () => boolean,
  onStep: (rewrapped: number) => void = () => undefined,
): Promise<Rewrapped> {
  const done: Rewrapped = { rewrapped: 0, unopened: 0 };
  const older = keys.ids.filter((id) => id !== keys.newest.id);
  if (older.length === 0) return done;
  for (const { table, field } of tables) {
    let after: Row | undefined;
    do {
      const rows = await nextRows(pool, table, older, after);
      for (const row of rows) await rewrapRow(pool, keys, table, field, row, done);
      if (rows.length > 0) onStep(done.rewrapped);
      after = rows.at(-1);
    } while (after !== undefined && !isStopping());
  }
  return done;
}

async function nextRows(pool: Pool, table: string, keyIds: string[], after: Row | undefined): Promise<Row[]> {
  const result = await pool.query<Row>(
    `SELECT organization_id, webhook_id, version, sealed FROM ${table}
     WHERE key_id = ANY($1) AND (webhook_id, version) > ($2, $3) ORDER BY webhook_id, version LIMIT $4`,
    [keyIds, after?.webhook_id ?? '00000000-0000-0000-0000-000000000000', after?.version ?? 0, rowsPerStep],
  );
  return result.rows;
}

async function rewrapRow(
  pool: Pool,
  keys: MasterKeys,
  table: string,
  field: SecretPlace['field'],
  row: Row,
  done: Rewrapped,
): Promise<void> {
  const { organization_id: organizationId, webhook_id: webhookId, version, sealed } = row;
  let envelope: Buffer;
  try {
    envelope = rewrap(keys, { organizationId, webhookId, field, version }, sealed);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    done.unopened += 1;
    return;
  }
  // Nothing happens where the row was changed or rewrapped meanwhile.
  const updated = await pool.query(
    `UPDATE ${table} SET sealed = $4, key_id = $5 WHERE webhook_id = $1 AND version = $2 AND sealed = $3`,
    [webhookId, version, sealed, envelope, keys.newest.id],
  );
  done.rewrapped += updated.rowCount ?? 0;
}
