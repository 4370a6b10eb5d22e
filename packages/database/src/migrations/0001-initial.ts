// The first schema. Ownership is in the grants at the end: one database, a role per service (docs/adr/0001).
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { initialSchemaSql } from './0001-initial.sql.js';
import { partitionFunctionsSql } from './0001-partitions.sql.js';
import { grantsSql } from './0001-grants.sql.js';
import { currentRolePrefix } from '../roles.js';

export class Initial1700000000001 implements MigrationInterface {
  name = 'Initial1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(initialSchemaSql);
    await runner.query(partitionFunctionsSql);
    await runner.query(grantsSql(currentRolePrefix()));
    await runner.query(`SELECT ensure_partitions(1, 7)`);
  }

  async down(): Promise<void> {
    throw new Error('There is nothing before the first schema: drop the database instead.');
  }
}
