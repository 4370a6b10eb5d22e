// What becomes of a webhook is told to the organization's other webhooks: written down in the statement that makes it so,
// handed to event-ingest a moment later.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { currentRolePrefix, roleName } from '../roles.js';

const schemaSql = `
-- turned: what the last flush changed ('failing', 'recovered'), for that statement's RETURNING.
ALTER TABLE webhook_health ADD COLUMN is_failing boolean NOT NULL DEFAULT false, ADD COLUMN turned text;

-- Until event-ingest has accepted them; the id becomes the event's, so that one handed over twice is the same event.
CREATE TABLE operational_events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  topic text NOT NULL,
  reason text,
  consecutive_failures integer NOT NULL,
  failing_since bigint,
  created_at bigint NOT NULL,
  due_at bigint NOT NULL
);
CREATE INDEX operational_events_due ON operational_events (due_at);

INSERT INTO topics (name, title, description, example, created_at, updated_at)
SELECT name, title, description, ('{"Id":"0192f0c1-7a3b-7c4d-8e5f-0123456789ab",'
  '"OrganizationId":"0192f0c1-7a3b-7c4d-8e5f-0123456789ac","Alias":"My receiver","Url":"https://example.com/hook",'
  '"Topics":["job.execution.*"],"State":"' || state || '","CreatedAt":1750000000000,"UpdatedAt":1750000000000,'
  || details || '}')::json, now_ms(), now_ms()
FROM (VALUES
  ('webhook.disabled', 'Webhook disabled',
   'Postrider has disabled a webhook: its receiver answered 410 (gone), or did nothing but fail for 5 days (failing).',
   'disabled', '"Reason":"failing","ConsecutiveFailures":42,"FailingSince":1749500000000'),
  ('webhook.failing', 'Webhook failing', 'Ten attempts in a row of a webhook have failed.',
   'enabled', '"Reason":null,"ConsecutiveFailures":10,"FailingSince":1749999000000'),
  ('webhook.recovered', 'Webhook recovered', 'A webhook that was failing has received again.',
   'enabled', '"Reason":null,"ConsecutiveFailures":0,"FailingSince":null')
) AS t(name, title, description, state, details);
`;

export class OperationalEvents1700000000003 implements MigrationInterface {
  name = 'OperationalEvents1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(schemaSql);
    const dispatcher = roleName(currentRolePrefix(), 'dispatcher');
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON operational_events TO ${dispatcher}`);
  }

  async down(): Promise<void> {
    throw new Error('Events that are not told yet would be lost: restore a backup instead.');
  }
}
