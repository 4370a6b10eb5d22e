// Sessions of the dashboard and the links that open one. Of tokens only SHA-256 is kept (docs/adr/0008).
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { currentRolePrefix, roleName } from '../roles.js';

const tables = `
CREATE TABLE portal_links (
  hash bytea PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  api_key_id uuid,                -- who made it; null: the admin key. Its end is the link's
  scopes text[] NOT NULL,
  expires_at bigint NOT NULL,
  FOREIGN KEY (organization_id, api_key_id) REFERENCES api_keys ON DELETE CASCADE
);
CREATE INDEX portal_links_expires_at ON portal_links (expires_at);

CREATE TABLE sessions (
  hash bytea PRIMARY KEY,
  id uuid NOT NULL,
  organization_id uuid REFERENCES organizations ON DELETE CASCADE,  -- null: the admin's
  api_key_id uuid,                -- the key that it stands for, or by which its portal link was made
  scopes text[],                  -- a portal link's; null: those of the key
  admin_proof bytea,              -- HMAC of the admin key by the token: another admin key ends the session
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  FOREIGN KEY (organization_id, api_key_id) REFERENCES api_keys ON DELETE CASCADE,
  CHECK ((organization_id IS NULL) = (admin_proof IS NOT NULL))
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
`;

export class Sessions1700000000004 implements MigrationInterface {
  name = 'Sessions1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    const config = roleName(currentRolePrefix(), 'config_api');
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON portal_links, sessions TO ${config}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sessions, portal_links');
  }
}
