// Who calls: the admin key, or an organization's key with scopes. One guard for every service with an HTTP door.
import { hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { hasScope, ProblemError, type Scope } from '@postrider/contracts';
import { acrossOrganizations, findApiKey, touchApiKeys, type ApiKeyHolder } from '@postrider/database';
import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';

/** The caller of a request. */
export type Caller =
  | { readonly kind: 'admin' }
  | {
      readonly kind: 'organization';
      readonly keyId: string;
      readonly organizationId: string;
      readonly scopes: readonly Scope[];
    };

const accessKey = 'postrider:access';
type Access = 'public' | 'admin' | 'any' | { readonly scope: Scope };

/** Nobody needs a key for this route. */
export const Public = () => SetMetadata(accessKey, 'public' satisfies Access);
/** The admin key alone. */
export const AdminOnly = () => SetMetadata(accessKey, 'admin' satisfies Access);
/** Any valid key, whatever its scopes. */
export const AnyKey = () => SetMetadata(accessKey, 'any' satisfies Access);
/** A key with this scope, for the organization in the path; or the admin key. */
export const RequireScope = (scope: Scope) => SetMetadata(accessKey, { scope } satisfies Access);

export interface AuthenticatorOptions {
  readonly pool: Pool;
  readonly adminApiKey: string;
  /** For how long a found key is remembered, in ms; 0: never. Its deletion is told by `forget`. */
  readonly cacheMs: number;
  readonly now?: () => number;
  /** The caller by the session of a browser, or null where the request carries none. Throws where it may not be used. */
  readonly sessions?: (request: FastifyRequest) => Promise<Caller | null>;
}

const maxCachedKeys = 10_000;

export class Authenticator {
  private readonly adminHash: Buffer;
  private readonly cache = new Map<
    string,
    { readonly holder: ApiKeyHolder | null; readonly until: number }
  >();
  private readonly used = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: AuthenticatorOptions) {
    this.adminHash = digest(options.adminApiKey);
    this.timer = setInterval(() => void this.noteUse(), 1_000);
    this.timer.unref();
  }

  /** By key, or (where the service has sessions) by session; throws `unauthorized` without either. */
  async callerOf(request: FastifyRequest): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization === undefined && this.options.sessions !== undefined) {
      const caller = await this.options.sessions(request);
      if (caller !== null) return caller;
    }
    return this.authenticate(authorization);
  }

  /** Throws `unauthorized` unless the header carries a valid key. */
  async authenticate(authorization: string | undefined): Promise<Caller> {
    const key = /^Bearer +([!-~]{1,512})$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) {
      throw unauthorized('send `Authorization: Bearer <key>` with an API key');
    }
    const keyHash = digest(key);
    if (timingSafeEqual(keyHash, this.adminHash)) return { kind: 'admin' };
    // Whose key it is shows here: till then no organization's rows are to be seen but this one.
    const holder = await acrossOrganizations(() => this.find(key, keyHash));
    if (holder === null) throw unauthorized('the API key is unknown, expired or deleted');
    this.used.add(holder.id);
    return {
      kind: 'organization',
      keyId: holder.id,
      organizationId: holder.organizationId,
      scopes: holder.scopes,
    };
  }

  private async find(key: string, keyHash: Buffer): Promise<ApiKeyHolder | null> {
    const now = (this.options.now ?? Date.now)();
    if (this.options.cacheMs === 0) return findApiKey(this.options.pool, key);
    const cacheKey = keyHash.toString('base64');
    const cached = this.cache.get(cacheKey);
    if (cached !== undefined && cached.until > now && (cached.holder?.expiresAt ?? Infinity) > now)
      return cached.holder;
    const holder = await findApiKey(this.options.pool, key);
    if (this.cache.size >= maxCachedKeys) this.cache.clear();
    // An unknown key is asked for again: it may have been made a moment ago.
    if (holder !== null) this.cache.set(cacheKey, { holder, until: now + this.options.cacheMs });
    return holder;
  }

  /** A key was changed or deleted. */
  forget(keyId: string): void {
    for (const [cacheKey, entry] of this.cache) if (entry.holder?.id === keyId) this.cache.delete(cacheKey);
  }

  /** Writes down which keys were used; done every second, and by whoever is about to show it. */
  async noteUse(): Promise<void> {
    if (this.used.size === 0) return;
    const ids = [...this.used];
    this.used.clear();
    // Only a convenience for whoever looks: a failure is made up for by the next use.
    await acrossOrganizations(() => touchApiKeys(this.options.pool, ids)).catch(() => undefined);
  }

  close(): void {
    clearInterval(this.timer);
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError('unauthorized', detail, [], { 'WWW-Authenticate': 'Bearer' });
}

/** Requests that passed the guard carry their caller. */
export type CallerRequest = FastifyRequest<{ Params: { org?: string } }> & { caller?: Caller };

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const caller = await this.authenticator.callerOf(request);
    request.caller = caller;
    // A route that names no access is closed to all but the admin.
    authorize(caller, access ?? 'admin', request.params.org);
    return true;
  }
}

/** Throws 404 for another organization, 403 for a missing scope, in this order: existence is not told to strangers. */
export function authorize(caller: Caller, access: Access, organizationId: string | undefined): void {
  if (caller.kind === 'admin' || access === 'public' || access === 'any') return;
  if (organizationId !== undefined && organizationId.toLowerCase() !== caller.organizationId) {
    throw new ProblemError('not_found', 'no such organization');
  }
  if (access === 'admin') throw new ProblemError('scope_missing', 'this needs the admin key');
  if (organizationId === undefined && access.scope === undefined)
    throw new ProblemError('scope_missing', 'this needs the admin key');
  if (!hasScope(caller.scopes, access.scope)) {
    throw new ProblemError('scope_missing', `the API key lacks the scope ${access.scope}`);
  }
}
