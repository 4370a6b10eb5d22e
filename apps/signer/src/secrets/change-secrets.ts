// Making, rotating and deleting secrets. Tables: signing_secrets, webhook_credentials; both are the signer's alone.
import { ProblemError, type SecretState } from '@postrider/contracts';
import type { ClientBase, Pool } from 'pg';
import { seal, type SecretPlace } from '../shared/envelope.js';
import type { MasterKeys } from '../shared/master-keys.js';
import { newSecret } from './new-secret.js';
import { inWebhookTransaction } from './webhook-transaction.js';

export interface Webhook {
  readonly organizationId: string;
  readonly webhookId: string;
}

export type NewSecret = SecretState & { readonly SigningSecret: string };

export class SecretStore {
  constructor(
    private readonly pool: Pool,
    private readonly keys: MasterKeys,
  ) {}

  /** The first secret of a webhook; `already_exists` when it has one, so that a request made twice changes nothing. */
  async create(webhook: Webhook, authorization: string | null): Promise<NewSecret> {
    return inWebhookTransaction(this.pool, webhook.webhookId, async (client) => {
      // A webhook id is one organization's: whoever has it, it is taken.
      const existing = await client.query('SELECT 1 FROM signing_secrets WHERE webhook_id = $1 LIMIT 1', [
        webhook.webhookId,
      ]);
      if (existing.rowCount !== 0) throw new ProblemError('already_exists', 'the webhook has a secret');
      const created = await this.insertSecret(client, webhook, 1);
      if (authorization !== null) await this.insertAuthorization(client, webhook, 1, authorization);
      return { ...created, PreviousSecretExpiresAt: null };
    });
  }

  /**
   * A new current secret. The one so far stays valid for `graceSeconds` (0: it ends now); one that was in its grace
   * already ends, so that at most two are valid at a time.
   */
  async rotate(webhook: Webhook, graceSeconds: number): Promise<NewSecret> {
    return inWebhookTransaction(this.pool, webhook.webhookId, async (client) => {
      const current = await currentVersion(client, webhook);
      if (current === null) throw new ProblemError('not_found', 'the webhook has no signing secret');
      const kept = graceSeconds === 0 ? current + 1 : current;
      await client.query(
        'DELETE FROM signing_secrets WHERE organization_id = $1 AND webhook_id = $2 AND version < $3',
        [webhook.organizationId, webhook.webhookId, kept],
      );
      const previous = await client.query<{ expires_at: number }>(
        `UPDATE signing_secrets SET expires_at = now_ms() + $3::bigint * 1000
         WHERE organization_id = $1 AND webhook_id = $2 RETURNING expires_at`,
        [webhook.organizationId, webhook.webhookId, graceSeconds],
      );
      const created = await this.insertSecret(client, webhook, current + 1);
      return { ...created, PreviousSecretExpiresAt: previous.rows[0]?.expires_at ?? null };
    });
  }

  /** Sets the Authorization value that is sent along, or with null takes it away. */
  async setAuthorization(webhook: Webhook, authorization: string | null): Promise<void> {
    await inWebhookTransaction(this.pool, webhook.webhookId, async (client) => {
      if ((await currentVersion(client, webhook)) === null) {
        throw new ProblemError('not_found', 'the webhook has no signing secret');
      }
      const replaced = await client.query<{ version: number }>(
        'DELETE FROM webhook_credentials WHERE organization_id = $1 AND webhook_id = $2 RETURNING version',
        [webhook.organizationId, webhook.webhookId],
      );
      if (authorization === null) return;
      const version = (replaced.rows[0]?.version ?? 0) + 1;
      await this.insertAuthorization(client, webhook, version, authorization);
    });
  }

  /** All secrets of a webhook, or with null of a whole organization; answers the webhooks that had some. */
  async delete(organizationId: string, webhookId: string | null): Promise<string[]> {
    if (webhookId === null) return deleteSecrets(this.pool, organizationId, null);
    return inWebhookTransaction(this.pool, webhookId, (client) =>
      deleteSecrets(client, organizationId, webhookId),
    );
  }

  private async insertSecret(
    client: ClientBase,
    webhook: Webhook,
    version: number,
  ): Promise<Omit<NewSecret, 'PreviousSecretExpiresAt'>> {
    const secret = newSecret();
    const place: SecretPlace = { ...webhook, field: 'signing-secret', version };
    const inserted = await client.query<{ created_at: number }>(
      `INSERT INTO signing_secrets (webhook_id, version, organization_id, sealed, key_id, created_at)
       VALUES ($1, $2, $3, $4, $5, now_ms()) RETURNING created_at`,
      [
        webhook.webhookId,
        version,
        webhook.organizationId,
        seal(this.keys, place, secret),
        this.keys.newest.id,
      ],
    );
    const createdAt = inserted.rows[0]?.created_at ?? 0;
    return { SecretVersion: version, SecretCreatedAt: createdAt, SigningSecret: secret };
  }

  private async insertAuthorization(
    client: ClientBase,
    webhook: Webhook,
    version: number,
    authorization: string,
  ): Promise<void> {
    const sealed = seal(this.keys, { ...webhook, field: 'authorization', version }, authorization);
    await client.query(
      `INSERT INTO webhook_credentials (webhook_id, organization_id, version, sealed, key_id, updated_at)
       VALUES ($1, $2, $3, $4, $5, now_ms())`,
      [webhook.webhookId, webhook.organizationId, version, sealed, this.keys.newest.id],
    );
  }
}

async function currentVersion(client: ClientBase, webhook: Webhook): Promise<number | null> {
  const result = await client.query<{ version: number | null }>(
    'SELECT max(version) AS version FROM signing_secrets WHERE organization_id = $1 AND webhook_id = $2',
    [webhook.organizationId, webhook.webhookId],
  );
  return result.rows[0]?.version ?? null;
}

async function deleteSecrets(
  client: Pick<ClientBase, 'query'>,
  organizationId: string,
  webhookId: string | null,
): Promise<string[]> {
  const result = await client.query<{ webhook_id: string }>(
    `WITH credentials AS (
       DELETE FROM webhook_credentials
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR webhook_id = $2) RETURNING webhook_id),
     secrets AS (
       DELETE FROM signing_secrets
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR webhook_id = $2) RETURNING webhook_id)
     SELECT webhook_id FROM credentials UNION SELECT webhook_id FROM secrets`,
    [organizationId, webhookId],
  );
  return result.rows.map((row) => row.webhook_id);
}
