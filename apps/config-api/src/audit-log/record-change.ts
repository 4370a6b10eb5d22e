import type { AuditAction, AuditEntry } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { Caller } from '@postrider/runtime';
import type { EntityManager } from 'typeorm';
import { callerOf } from '../http/caller.js';
import { currentRequest } from '../http/request-scope.js';

type Fields = Readonly<Record<string, unknown>>;

export interface ConfigurationChange {
  /** Null for what belongs to the installation: it outlives organizations. */
  readonly organizationId: string | null;
  readonly action: AuditAction;
  readonly resource: { readonly type: string; readonly id: string };
  /** As the API shows the resource, so that no secret gets here; null: there was none. */
  readonly before: Fields | null;
  readonly after: Fields | null;
}

export interface ChangeActor {
  readonly type: AuditEntry['Actor']['Type'];
  /** Of the API key. */
  readonly id: string | null;
}

/**
 * Writes a change into the audit log, in the change's own transaction: neither is there without the other. `actor`: where
 * it is not the request's caller.
 */
export async function recordChange(
  manager: EntityManager,
  change: ConfigurationChange,
  actor?: ChangeActor,
): Promise<void> {
  const request = currentRequest();
  if (request === undefined) throw new Error('only requests change the configuration');
  const { type, id } = actor ?? toActor(callerOf(request));
  const { before, after } =
    change.before !== null && change.after !== null ? difference(change.before, change.after) : change;
  await manager.query(
    `INSERT INTO audit_log (id, organization_id, created_at, actor_type, actor_id, actor_prefix, request_id, action,
       resource_type, resource_id, before, after)
     VALUES ($1, $2, now_ms(), $3, $4, (SELECT prefix FROM api_keys WHERE id = $4), $5, $6, $7, $8, $9, $10)`,
    [
      newId(),
      change.organizationId,
      type,
      id,
      request.id,
      change.action,
      change.resource.type,
      change.resource.id,
      before === null ? null : JSON.stringify(before),
      after === null ? null : JSON.stringify(after),
    ],
  );
}

function toActor(caller: Caller): ChangeActor {
  return caller.kind === 'admin' ? { type: 'AdminKey', id: null } : { type: 'ApiKey', id: caller.keyId };
}

/** The fields that differ; when something was changed is the entry's own time. */
export function difference(before: Fields, after: Fields): { before: Fields; after: Fields } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => name !== 'UpdatedAt' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (fields: Fields): Fields =>
    Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
  return { before: pick(before), after: pick(after) };
}
