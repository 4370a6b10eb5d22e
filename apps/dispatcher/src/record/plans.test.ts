// A day begins with an empty partition and a new installation with empty tables: what PostgreSQL plans then stays in the
// connections' prepared statements for minutes, while the tables grow.
import { expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { organizationId, outcomeOf } from '../../test/makers.js';
import { sqlStage } from '../../test/sql-stage.js';
import { claimDueDeliveries } from '../claim/claim-due-deliveries.js';
import { moveDeliveries } from './move-deliveries.js';
import { recordAttempts } from './record-attempts.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

const stage = sqlStage();
const outcome = outcomeOf(organizationId, { id: organizationId, due_at: 1 });

async function textOf(run: (pool: Pool) => Promise<unknown>): Promise<string> {
  let text = '';
  const query = async (statement: { readonly text: string }) => {
    text ||= statement.text;
    return { rows: [] };
  };
  await run({ query } as unknown as Pool);
  return text;
}

const below = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(below)];

/** The scans by which the updates of deliveries find their rows. */
async function scansOfUpdates(text: string): Promise<PlanNode[]> {
  const parameters = Math.max(...[...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const client = await stage.pool.connect();
  try {
    await client.query(`PREPARE looked AS ${text}`);
    // With NULL for the first id every partition would be left out.
    const values = Array.from({ length: parameters }, (_, index) =>
      new RegExp(`\\$${index + 1}::uuid(?!\\[)`).test(text) ? `'${organizationId}'` : 'NULL',
    );
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE looked(${values.join(', ')})`,
    );
    await client.query('DEALLOCATE looked');
    const updates = below(rows[0]?.['QUERY PLAN'][0].Plan as PlanNode).filter(
      (node) => node['Node Type'] === 'ModifyTable' && node['Relation Name'] === 'deliveries',
    );
    return updates.flatMap(below).filter((node) => /^deliveries_\d/.test(node['Relation Name'] ?? ''));
  } finally {
    client.release();
  }
}

test.each([
  ['record', (pool: Pool) => recordAttempts(pool, [outcome], 1)],
  ['move', (pool: Pool) => moveDeliveries(pool, [{ ...outcome, to: { status: 'Pending', delayMs: 0 } }])],
  ['claim', (pool: Pool) => claimDueDeliveries(pool, [])],
])('%s looks each delivery up by its primary key, also where all is empty', async (_name, run) => {
  const scans = await scansOfUpdates(await textOf(run));
  const lookUps = scans.filter(({ 'Node Type': type }) => type !== 'ModifyTable');
  expect(lookUps.length).toBeGreaterThan(0);
  for (const scan of lookUps) {
    expect(scan['Node Type']).toBe('Index Scan');
    expect(scan['Index Cond']).toMatch(/\(organization_id = \w+\.organization_id\)/);
    expect(scan['Index Cond']).toMatch(/\(id = \w+\.(delivery_)?id\)/);
  }
});
