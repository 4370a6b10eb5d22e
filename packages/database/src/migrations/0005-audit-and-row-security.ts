// Who changed which configuration, and the second wall between organizations.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { currentRolePrefix, roleName } from '../roles.js';
import { rowSecuritySql } from '../row-security.js';

const auditLogSql = `
-- Written in the transaction of the change itself, never updated. Null organization: a change of the installation
-- (organizations themselves, the catalog of topics), which stays when an organization goes.
CREATE TABLE audit_log (
  id uuid PRIMARY KEY,
  organization_id uuid REFERENCES organizations ON DELETE CASCADE,
  created_at bigint NOT NULL,
  actor_type text NOT NULL,
  actor_id uuid,                  -- of the API key; null: the admin key
  actor_prefix text,              -- the key's, which tells more than its id once the key is deleted
  request_id text,
  action text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  before json,
  after json
);
CREATE INDEX audit_log_page ON audit_log (organization_id, id);
`;

const tables = [
  'api_keys',
  'webhooks',
  'signing_secrets',
  'webhook_credentials',
  'event_ids',
  'events',
  'rejected_events',
  'deliveries',
  'resends',
  'attempts',
  'webhook_health',
  'webhook_minutes',
  'replays',
  'sessions',
  'portal_links',
  'replay_deliveries',
  'operational_events',
  'audit_log',
];

export class AuditAndRowSecurity1700000000005 implements MigrationInterface {
  name = 'AuditAndRowSecurity1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    const prefix = currentRolePrefix();
    await runner.query(auditLogSql);
    await runner.query(`GRANT SELECT, INSERT ON audit_log TO ${roleName(prefix, 'config_api')}`);
    await runner.query(rowSecuritySql(prefix, 'organizations', 'id'));
    for (const table of tables) await runner.query(rowSecuritySql(prefix, table));
  }

  async down(): Promise<void> {
    throw new Error('The audit log is not thrown away: restore a backup instead.');
  }
}
