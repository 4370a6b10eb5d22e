// Changes to one webhook's secrets take turns, so that versions follow each other whatever is asked at the same time.
import type { Pool, PoolClient } from 'pg';

/** Any number that nothing else locks with. */
const secretsLock = 7_265_737_402;

export async function inWebhookTransaction<T>(
  pool: Pool,
  webhookId: string,
  run: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [webhookId, secretsLock]);
    const result = await run(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: unknown) => {
      broken = rollbackError as Error;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
