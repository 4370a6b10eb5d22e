import type { AuditEntry, ListQuery } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';

interface AuditRow {
  readonly id: string;
  readonly organization_id: string | null;
  readonly created_at: number;
  readonly actor_type: AuditEntry['Actor']['Type'];
  readonly actor_id: string | null;
  readonly actor_prefix: string | null;
  readonly request_id: string | null;
  readonly action: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly before: AuditEntry['Before'];
  readonly after: AuditEntry['After'];
}

/**
 * A page of the audit log, newest first; `organizationId` null: changes of the installation itself.
 * Index: audit_log_page (organization_id, id).
 */
export async function listAuditLog(
  pool: Pool,
  organizationId: string | null,
  { Limit, Cursor }: ListQuery,
): Promise<Page<AuditEntry>> {
  const position = decodeCursor('audit-log', Cursor, z.tuple([z.uuid()]));
  const values: unknown[] = [];
  const conditions = [
    organizationId === null ? 'organization_id IS NULL' : `organization_id = $${values.push(organizationId)}`,
  ];
  if (position !== null) conditions.push(`id < $${values.push(position[0])}`);
  const result = await pool.query<AuditRow>(
    `SELECT id, organization_id, created_at, actor_type, actor_id, actor_prefix, request_id, action, resource_type,
       resource_id, before, after
     FROM audit_log WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${Limit + 1}`,
    values,
  );
  return toPage(result.rows, Limit, (row) => encodeCursor('audit-log', [row.id]), toResponse);
}

function toResponse(row: AuditRow): AuditEntry {
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    CreatedAt: row.created_at,
    Actor: { Type: row.actor_type, Id: row.actor_id, Prefix: row.actor_prefix },
    Action: row.action,
    Resource: { Type: row.resource_type, Id: row.resource_id },
    Before: row.before,
    After: row.after,
    RequestId: row.request_id,
  };
}
