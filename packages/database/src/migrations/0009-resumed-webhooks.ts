// When a webhook was enabled again, with the change itself: its failure clock starts anew then, whoever is away.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ResumedWebhooks1700000000009 implements MigrationInterface {
  name = 'ResumedWebhooks1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhooks ADD COLUMN resumed_at bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhooks DROP COLUMN resumed_at');
  }
}
