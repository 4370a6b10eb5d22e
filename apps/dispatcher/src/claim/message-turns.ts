// Turns of webhooks that tell people, apart from those that claim-messages.ts takes. Index: message_turns' primary key.
import type { WebhookConfiguration } from '@postrider/contracts';
import { arrayParam } from '@postrider/database';
import type { Pool } from 'pg';
import { turnMs } from './claim-messages.js';

const digestMs = 60_000;

const takeText = `
INSERT INTO message_turns AS m (webhook_id, organization_id, next_at, next_digest_at)
SELECT w.id, w.organization_id, t.now + ${turnMs}, 0
FROM (SELECT now_ms() AS now) AS t, unnest($1::uuid[], $2::uuid[]) AS q(webhook_id, organization_id)
JOIN webhooks w ON w.organization_id = q.organization_id AND w.id = q.webhook_id
ORDER BY w.id
ON CONFLICT (webhook_id) DO UPDATE SET next_at = excluded.next_at WHERE m.next_at <= excluded.next_at - ${turnMs}
RETURNING webhook_id`;

/** The ids of those whose turn it was; each has it no more. */
export async function takeTurns(pool: Pool, webhooks: readonly WebhookConfiguration[]): Promise<string[]> {
  const result = await pool.query<{ webhook_id: string }>({
    name: 'take-turns',
    text: takeText,
    values: [
      arrayParam(webhooks.map(({ Id }) => Id)),
      arrayParam(webhooks.map(({ OrganizationId }) => OrganizationId)),
    ],
  });
  return result.rows.map((row) => row.webhook_id);
}

/** The service asks for quiet: no dispatcher sends anything of the webhook for so long. */
export async function putOffTurn(pool: Pool, webhookId: string, delayMs: number): Promise<void> {
  await pool.query({
    name: 'put-off-turn',
    text: 'UPDATE message_turns SET next_at = greatest(next_at, now_ms() + $2) WHERE webhook_id = $1',
    values: [webhookId, delayMs],
  });
}

/** A message of many was taken: what piles up within the next minute goes into another. */
export async function restAfterDigest(pool: Pool, webhookId: string): Promise<void> {
  await pool.query({
    name: 'rest-after-digest',
    text: 'UPDATE message_turns SET next_digest_at = now_ms() + $2 WHERE webhook_id = $1',
    values: [webhookId, digestMs],
  });
}
