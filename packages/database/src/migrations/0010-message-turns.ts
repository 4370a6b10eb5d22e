// When a webhook that tells people (Slack, Teams, mail) may send its next message, and its next digest: shared by all
// dispatchers, and as lasting as the deliveries that wait for it. docs/messages.md.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { currentRolePrefix, roleName } from '../roles.js';
import { rowSecuritySql } from '../row-security.js';

const messageTurnsSql = `
CREATE TABLE message_turns (
  webhook_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  next_at bigint NOT NULL,
  next_digest_at bigint NOT NULL,
  FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
`;

export class MessageTurns1700000000010 implements MigrationInterface {
  name = 'MessageTurns1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    const prefix = currentRolePrefix();
    await runner.query(messageTurnsSql);
    await runner.query(`GRANT SELECT, INSERT, UPDATE ON message_turns TO ${roleName(prefix, 'dispatcher')}`);
    await runner.query(rowSecuritySql(prefix, 'message_turns'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE message_turns');
  }
}
