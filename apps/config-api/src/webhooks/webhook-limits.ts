// How many webhooks an organization may have, and how many of them to one host: so that nobody has Postrider aim a
// thousand copies of every event at a stranger.
import { ProblemError } from '@postrider/contracts';
import type { EntityManager } from 'typeorm';

export interface WebhookLimits {
  readonly perOrganization: number;
  readonly perHost: number;
}

export const WEBHOOK_LIMITS = Symbol('webhook limits');

/**
 * Throws `limit_reached` where one more (`id`: or this one, with its new URL) would be too many. Two at the same moment
 * may both get the last place. Index: the primary key (organization_id, id).
 */
export async function requireRoom(
  manager: EntityManager,
  limits: WebhookLimits,
  organizationId: string,
  id: string,
  url: string | null,
): Promise<void> {
  const host = url === null ? null : new URL(url).host;
  const [row] = await manager.query<{ all: number; same_host: number }[]>(
    `SELECT count(*) AS all, count(*) FILTER (WHERE substring(url FROM '^https?://([^/?#]+)') = $3) AS same_host
     FROM webhooks WHERE organization_id = $1 AND id <> $2 AND deleted_at IS NULL`,
    [organizationId, id, host],
  );
  if (row === undefined) throw new Error('count answered no row');
  if (row.all >= limits.perOrganization) {
    throw new ProblemError(
      'limit_reached',
      `an organization may have ${limits.perOrganization} webhooks here: delete one, or have the operator raise MAX_WEBHOOKS_PER_ORGANIZATION`,
    );
  }
  if (host === null || isLoopback(host) || row.same_host < limits.perHost) return;
  const detail = `names a host that ${limits.perHost} webhooks of this organization have already: delete one, or have the operator raise MAX_WEBHOOKS_PER_HOST`;
  throw new ProblemError('limit_reached', `/Url ${detail}`, [{ pointer: '/Url', detail }]);
}

/** Where it may be called at all (local mode), it is the operator's own. */
function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|[^:]+\.localhost)(:\d+)?$/.test(host);
}
