// Replays: bulk resends. config-api writes down which deliveries, the dispatcher hands them to `resends` at their rate.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { currentRolePrefix, roleName } from '../roles.js';

const tablesSql = `
CREATE TABLE replays (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  webhook_id uuid,
  status text,
  topic text,
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  rate_per_second integer NOT NULL,
  total integer NOT NULL,
  created_at bigint NOT NULL,
  cancelled_at bigint,
  released_until bigint NOT NULL,       -- up to then (epoch ms) its rate is used up
  finished_at bigint,                   -- nothing of it is under way any more: from now on the counts stand here
  succeeded integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0
);
CREATE INDEX replays_page ON replays (organization_id, id);
CREATE INDEX replays_running ON replays (id) WHERE finished_at IS NULL;

-- The deliveries of the replays that run: each becomes one row of resends, whose id stands here from the beginning, so
-- that it is asked for once, however often a dispatcher dies.
CREATE TABLE replay_deliveries (
  resend_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  replay_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  released boolean NOT NULL DEFAULT false,
  succeeded boolean                     -- null: not done yet
) WITH (fillfactor = 70);
CREATE INDEX replay_deliveries_waiting ON replay_deliveries (replay_id, webhook_id, delivery_id) WHERE NOT released;
CREATE INDEX replay_deliveries_under_way ON replay_deliveries (replay_id, webhook_id) WHERE released AND succeeded IS NULL;
CREATE INDEX replay_deliveries_done ON replay_deliveries (replay_id, succeeded) WHERE succeeded IS NOT NULL;
`;

function grantsSql(config: string, dispatcher: string): string {
  return `
GRANT SELECT, INSERT, DELETE, UPDATE (cancelled_at) ON replays TO ${config};
GRANT SELECT, INSERT, DELETE ON replay_deliveries TO ${config};
GRANT SELECT, UPDATE (released_until, finished_at, succeeded, failed) ON replays TO ${dispatcher};
GRANT SELECT, UPDATE, DELETE ON replay_deliveries TO ${dispatcher};
`;
}

export class Replays1700000000002 implements MigrationInterface {
  name = 'Replays1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    const prefix = currentRolePrefix();
    await runner.query(tablesSql);
    await runner.query(grantsSql(roleName(prefix, 'config_api'), roleName(prefix, 'dispatcher')));
  }

  async down(): Promise<void> {
    throw new Error('Replays that run would be lost: restore a backup instead.');
  }
}
