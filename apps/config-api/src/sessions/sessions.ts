// Who calls by the session of a browser: the cookie names the session, and for calls that change something a header
// shows that the page, and not a foreign one, makes the call.
import { timingSafeEqual } from 'node:crypto';
import {
  csrfHeader,
  ProblemError,
  scopes as allScopes,
  type Session,
  type SignIn,
} from '@postrider/contracts';
import type { Authenticator, Caller } from '@postrider/runtime';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { isSecure, readSessionCookie, sessionCookie } from './session-cookie.js';
import { csrfTokenOf, type OpenedSession, type SessionStore } from './session-store.js';

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export interface SessionsOptions {
  readonly pool: Pool;
  readonly store: SessionStore;
  readonly publicUrl: string | null;
}

export class Sessions {
  constructor(private readonly options: SessionsOptions) {}

  /** The caller by cookie, or null without one; throws where the CSRF token is missing. */
  async callerOf(request: FastifyRequest): Promise<Caller | null> {
    const token = this.tokenOf(request);
    if (token === null) return null;
    const session = await this.options.store.find(token);
    if (session === null) throw new ProblemError('unauthorized', 'the session has ended: sign in again');
    if (!safeMethods.includes(request.method)) requireCsrfToken(request, token);
    return session.caller;
  }

  /** Opens a session; answers it with the cookie to set. */
  async open(
    request: FastifyRequest,
    { Key, PortalToken }: SignIn,
    authenticator: Authenticator,
  ): Promise<{ readonly session: Session; readonly cookie: string }> {
    const opened =
      Key === undefined
        ? await this.openForLink(PortalToken)
        : await this.options.store.openForKey(await authenticator.authenticate(`Bearer ${Key.trim()}`));
    const maxAgeSeconds = Math.floor((opened.expiresAt - Date.now()) / 1_000);
    return {
      session: await this.describe(opened.caller, opened),
      cookie: sessionCookie(opened.token, maxAgeSeconds, this.isSecure(request)),
    };
  }

  private async openForLink(token: string | undefined): Promise<OpenedSession> {
    if (token === undefined) {
      const detail = 'is needed: an API key (or a PortalToken)';
      throw new ProblemError('invalid_fields', `/Key ${detail}`, [{ pointer: '/Key', detail }]);
    }
    const opened = await this.options.store.openForLink(token);
    if (opened === null) {
      throw new ProblemError('unauthorized', 'the link has been used or has expired: ask for a new one');
    }
    return opened;
  }

  /** What the caller of a request may do. */
  async read(request: FastifyRequest, caller: Caller): Promise<Session> {
    const token = request.headers.authorization === undefined ? this.tokenOf(request) : null;
    const found = token === null ? null : await this.options.store.find(token);
    return this.describe(caller, token === null || found === null ? null : { token, ...found });
  }

  /** Ends the session of a request; answers the cookie that makes the browser forget it. */
  async close(request: FastifyRequest): Promise<string> {
    const token = this.tokenOf(request);
    if (token !== null) await this.options.store.end(token);
    return sessionCookie('', 0, this.isSecure(request));
  }

  private async describe(
    caller: Caller,
    session: { readonly token: string; readonly expiresAt: number } | null,
  ): Promise<Session> {
    const organizationId = caller.kind === 'admin' ? null : caller.organizationId;
    return {
      Kind: caller.kind,
      OrganizationId: organizationId,
      OrganizationName: organizationId === null ? null : await this.nameOf(organizationId),
      Scopes: [...(caller.kind === 'admin' ? allScopes : caller.scopes)],
      CsrfToken: session === null ? null : csrfTokenOf(session.token),
      ExpiresAt: session?.expiresAt ?? null,
    };
  }

  private async nameOf(organizationId: string): Promise<string | null> {
    const { rows } = await this.options.pool.query<{ name: string }>(
      'SELECT name FROM organizations WHERE id = $1',
      [organizationId],
    );
    return rows[0]?.name ?? null;
  }

  private tokenOf(request: FastifyRequest): string | null {
    return readSessionCookie(request, this.isSecure(request));
  }

  private isSecure(request: FastifyRequest): boolean {
    return isSecure(request, this.options.publicUrl);
  }
}

function requireCsrfToken(request: FastifyRequest, token: string): void {
  const sent = Buffer.from(String(request.headers[csrfHeader.toLowerCase()] ?? ''));
  const wanted = Buffer.from(csrfTokenOf(token));
  if (sent.length === wanted.length && timingSafeEqual(sent, wanted)) return;
  throw new ProblemError(
    'csrf_token_missing',
    `send the CsrfToken of GET /v1/session as ${csrfHeader}, or call with a key instead of the session`,
  );
}
