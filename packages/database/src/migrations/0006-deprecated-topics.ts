// Topics that nothing new should be built on.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeprecatedTopics1700000000006 implements MigrationInterface {
  name = 'DeprecatedTopics1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE topics ADD COLUMN deprecated boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE topics DROP COLUMN deprecated');
  }
}
