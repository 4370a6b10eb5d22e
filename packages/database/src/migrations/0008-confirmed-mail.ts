// Mail goes to nobody who has not agreed to get it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ConfirmedMail1700000000008 implements MigrationInterface {
  name = 'ConfirmedMail1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhooks ADD COLUMN email_confirmed_at bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhooks DROP COLUMN email_confirmed_at');
  }
}
