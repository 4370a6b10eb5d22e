// Sessions and portal links in PostgreSQL, so that any instance knows them and signing out ends them everywhere.
// A token is 256 random bits; its SHA-256 is what is looked up, so no comparison of secrets takes place.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ProblemError, type Scope } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { Caller } from '@postrider/runtime';
import type { Pool } from 'pg';
import type { EntityManager } from 'typeorm';

const keySessionMs = 12 * 3_600_000;
const portalSessionMs = 8 * 3_600_000;

export interface OpenedSession {
  readonly token: string;
  readonly caller: Caller;
  readonly expiresAt: number;
}

export interface FoundSession {
  readonly caller: Caller;
  readonly expiresAt: number;
}

interface SessionRow {
  readonly id: string;
  readonly organization_id: string | null;
  readonly api_key_id: string | null;
  readonly is_portal: boolean;
  readonly scopes: Scope[] | null;
  readonly admin_proof: Buffer | null;
  readonly expires_at: number;
}

export class SessionStore {
  constructor(
    private readonly pool: Pool,
    private readonly adminApiKey: string,
  ) {}

  /** A session that may do what the key may, for as long as the key is there. */
  async openForKey(caller: Caller): Promise<OpenedSession> {
    const token = newToken();
    const isAdmin = caller.kind === 'admin';
    const expiresAt = await this.insert(token, {
      organizationId: isAdmin ? null : caller.organizationId,
      apiKeyId: isAdmin ? null : caller.keyId,
      scopes: null,
      adminProof: isAdmin ? this.adminProof(token) : null,
      lifeMs: keySessionMs,
    });
    return { token, caller, expiresAt };
  }

  /** Opens the session of a portal link and ends the link; null where there is no such link (any more). */
  async openForLink(linkToken: string): Promise<OpenedSession | null> {
    const { rows } = await this.pool.query<{
      organization_id: string;
      api_key_id: string | null;
      scopes: Scope[];
    }>(
      `DELETE FROM portal_links l USING organizations o
       WHERE l.hash = $1 AND l.expires_at > now_ms() AND o.id = l.organization_id AND o.deleted_at IS NULL
         AND (l.api_key_id IS NULL OR EXISTS (SELECT 1 FROM api_keys k WHERE k.organization_id = l.organization_id
              AND k.id = l.api_key_id AND (k.expires_at IS NULL OR k.expires_at > now_ms())))
       RETURNING l.organization_id, l.api_key_id, l.scopes`,
      [hashToken(linkToken)],
    );
    const link = rows[0];
    if (link === undefined) return null;
    const token = newToken();
    const id = newId();
    const { organization_id: organizationId, api_key_id: apiKeyId, scopes } = link;
    const expiresAt = await this.insert(
      token,
      { organizationId, apiKeyId, scopes, adminProof: null, lifeMs: portalSessionMs },
      id,
    );
    return { token, caller: { kind: 'organization', keyId: id, organizationId, scopes }, expiresAt };
  }

  private async insert(
    token: string,
    session: {
      readonly organizationId: string | null;
      readonly apiKeyId: string | null;
      readonly scopes: readonly Scope[] | null;
      readonly adminProof: Buffer | null;
      readonly lifeMs: number;
    },
    id = newId(),
  ): Promise<number> {
    // Who signs in clears away what has expired: no job of its own for a handful of rows.
    const { rows } = await this.pool.query<{ expires_at: number }>(
      `WITH gone AS (DELETE FROM sessions WHERE expires_at < now_ms()),
         unused AS (DELETE FROM portal_links WHERE expires_at < now_ms())
       INSERT INTO sessions (hash, id, organization_id, api_key_id, scopes, admin_proof, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now_ms(), now_ms() + $7) RETURNING expires_at`,
      [
        hashToken(token),
        id,
        session.organizationId,
        session.apiKeyId,
        session.scopes,
        session.adminProof,
        session.lifeMs,
      ],
    );
    return rows[0]?.expires_at ?? 0;
  }

  /** The session of a token; null when it has ended, or its key or organization is gone. Index: the primary key. */
  async find(token: string): Promise<FoundSession | null> {
    const { rows } = await this.pool.query<SessionRow>({
      name: 'find-session',
      text: `SELECT s.id, s.organization_id, s.api_key_id, s.scopes IS NOT NULL AS is_portal,
               coalesce(s.scopes, k.scopes) AS scopes, s.admin_proof, s.expires_at
             FROM sessions s
             LEFT JOIN organizations o ON o.id = s.organization_id AND o.deleted_at IS NULL
             LEFT JOIN api_keys k ON k.organization_id = s.organization_id AND k.id = s.api_key_id
               AND (k.expires_at IS NULL OR k.expires_at > now_ms())
             WHERE s.hash = $1 AND s.expires_at > now_ms()
               AND (s.organization_id IS NULL OR o.id IS NOT NULL) AND (s.api_key_id IS NULL OR k.id IS NOT NULL)`,
      values: [hashToken(token)],
    });
    const row = rows[0];
    const caller = row === undefined ? null : this.callerOf(row, token);
    return row === undefined || caller === null ? null : { caller, expiresAt: row.expires_at };
  }

  private callerOf(row: SessionRow, token: string): Caller | null {
    if (row.admin_proof !== null) {
      return timingSafeEqual(row.admin_proof, this.adminProof(token)) ? { kind: 'admin' } : null;
    }
    if (row.organization_id === null) return null;
    return {
      kind: 'organization',
      keyId: row.is_portal || row.api_key_id === null ? row.id : row.api_key_id,
      organizationId: row.organization_id,
      scopes: row.scopes ?? [],
    };
  }

  async end(token: string): Promise<void> {
    await this.pool.query('DELETE FROM sessions WHERE hash = $1', [hashToken(token)]);
  }

  /** A link's token, and until when it opens a session; `id` names it and opens nothing. */
  async createLink(
    manager: EntityManager,
    organizationId: string,
    { scopes, expiresInSeconds }: { readonly scopes: readonly Scope[]; readonly expiresInSeconds: number },
    caller: Caller,
  ): Promise<{ readonly token: string; readonly id: string; readonly expiresAt: number }> {
    const token = newToken();
    const hash = hashToken(token);
    // Made in a portal session, a link belongs to the key behind that session.
    const [row] = await manager.query<{ expires_at: number }[]>(
      `INSERT INTO portal_links (hash, organization_id, api_key_id, scopes, expires_at)
       SELECT $1, o.id, coalesce((SELECT k.id FROM api_keys k WHERE k.organization_id = o.id AND k.id = $3),
           (SELECT s.api_key_id FROM sessions s WHERE s.id = $3)), $4, now_ms() + $5
       FROM organizations o WHERE o.id = $2 AND o.deleted_at IS NULL
       RETURNING expires_at`,
      [hash, organizationId, caller.kind === 'admin' ? null : caller.keyId, scopes, expiresInSeconds * 1_000],
    );
    if (row === undefined) throw new ProblemError('not_found', 'no such organization');
    return { token, id: hash.toString('hex', 0, 8), expiresAt: Number(row.expires_at) };
  }

  private adminProof(token: string): Buffer {
    return createHmac('sha256', token).update(this.adminApiKey, 'utf8').digest();
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** What a page sends along to show that it can read its own origin's answers; follows from the token. */
export function csrfTokenOf(token: string): string {
  return createHash('sha256').update(`csrf:${token}`, 'utf8').digest('base64url');
}
