// How long events waited for their receipt, as a histogram beside that of the durations (contracts: lagBucketsMs), so that
// charts of it read as little as those do. Null in minutes without a receipt, and in those of before.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReceiptLags1700000000011 implements MigrationInterface {
  name = 'ReceiptLags1700000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_minutes ADD COLUMN lags integer[]');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_minutes DROP COLUMN lags');
  }
}
