// The request of an attempt as sent, where it can't be made anew from the event: messages to Slack, Teams and by mail are
// worded by the version that sent them. Null for what goes to webhooks of type `webhook`.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SentRequests1700000000007 implements MigrationInterface {
  name = 'SentRequests1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE attempts ADD COLUMN request text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE attempts DROP COLUMN request');
  }
}
