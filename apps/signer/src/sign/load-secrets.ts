// The secrets of many webhooks in one query. Indexes: signing_secrets (webhook_id, version), webhook_credentials (webhook_id).
import type { Pool } from 'pg';

export interface WebhookRef {
  readonly organizationId: string;
  readonly webhookId: string;
}

export interface SealedSecretsRow {
  readonly organization_id: string;
  readonly webhook_id: string;
  /** The two newest at most, newest first. */
  readonly secrets: readonly {
    readonly version: number;
    readonly sealed: Buffer;
    /** null: it is the current one. */
    readonly expires_at: number | null;
  }[];
  readonly authorization: { readonly version: number; readonly sealed: Buffer } | null;
}

interface Row {
  organization_id: string;
  webhook_id: string;
  version: number;
  sealed: Buffer;
  expires_at: number | null;
  authorization_version: number | null;
  authorization_sealed: Buffer | null;
}

/** Webhooks without a secret, and those of another organization, are not in the answer. */
export async function loadSecrets(pool: Pool, webhooks: readonly WebhookRef[]): Promise<SealedSecretsRow[]> {
  const result = await pool.query<Row>({
    name: 'load-secrets',
    text: `
      SELECT w.organization_id, w.webhook_id, s.version, s.sealed, s.expires_at,
             c.version AS authorization_version, c.sealed AS authorization_sealed
      FROM unnest($1::uuid[], $2::uuid[]) AS w (organization_id, webhook_id)
      CROSS JOIN LATERAL (
        SELECT version, sealed, expires_at FROM signing_secrets
        WHERE webhook_id = w.webhook_id AND organization_id = w.organization_id
          AND (expires_at IS NULL OR expires_at > now_ms())
        ORDER BY version DESC LIMIT 2) AS s
      LEFT JOIN webhook_credentials c
        ON c.webhook_id = w.webhook_id AND c.organization_id = w.organization_id
      ORDER BY w.webhook_id, s.version DESC`,
    values: [
      webhooks.map(({ organizationId }) => organizationId),
      webhooks.map(({ webhookId }) => webhookId),
    ],
  });
  return groupByWebhook(result.rows);
}

function groupByWebhook(rows: readonly Row[]): SealedSecretsRow[] {
  const grouped = new Map<string, SealedSecretsRow & { secrets: SealedSecretsRow['secrets'][number][] }>();
  for (const row of rows) {
    let group = grouped.get(row.webhook_id);
    if (group === undefined) {
      const { authorization_version: version, authorization_sealed: sealed } = row;
      group = {
        organization_id: row.organization_id,
        webhook_id: row.webhook_id,
        secrets: [],
        authorization: version === null || sealed === null ? null : { version, sealed },
      };
      grouped.set(row.webhook_id, group);
    }
    group.secrets.push({ version: row.version, sealed: row.sealed, expires_at: row.expires_at });
  }
  return [...grouped.values()];
}
