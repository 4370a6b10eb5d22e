// Who holds an API key. Index: api_keys.hash (unique). Found by SHA-256 of the key, so no comparison of secrets takes place here.
import { createHash } from 'node:crypto';
import type { Scope } from '@postrider/contracts';
import type { Pool } from 'pg';

export interface ApiKeyHolder {
  readonly id: string;
  readonly organizationId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number | null;
}

export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

/** The key's holder, or null where it is unknown, expired, or its organization is deleted. */
export async function findApiKey(pool: Pool, key: string): Promise<ApiKeyHolder | null> {
  const result = await pool.query<{
    id: string;
    organization_id: string;
    scopes: Scope[];
    expires_at: number | null;
  }>({
    name: 'find-api-key',
    text: `SELECT k.id, k.organization_id, k.scopes, k.expires_at
           FROM api_keys k JOIN organizations o ON o.id = k.organization_id AND o.deleted_at IS NULL
           WHERE k.hash = $1 AND (k.expires_at IS NULL OR k.expires_at > now_ms())`,
    values: [hashApiKey(key)],
  });
  const row = result.rows[0];
  if (row === undefined) return null;
  return { id: row.id, organizationId: row.organization_id, scopes: row.scopes, expiresAt: row.expires_at };
}

/** Notes that keys were used; at most once a minute per key is enough for whoever looks. */
export async function touchApiKeys(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query(
    `UPDATE api_keys SET last_used_at = now_ms()
     WHERE id = ANY($1::uuid[]) AND (last_used_at IS NULL OR last_used_at < now_ms() - 60000)`,
    [ids],
  );
}
