import { ProblemError, RESERVED_TOPIC_PREFIX } from '@postrider/contracts';
import type { Pool } from 'pg';

/** JSON text of a topic's example; throws where there is none to send. */
export async function findExample(pool: Pool, topic: string): Promise<string> {
  if (topic.startsWith(RESERVED_TOPIC_PREFIX)) {
    throw problem('reserved_topic', "is Postrider's own: a ping shows what such events look like");
  }
  const result = await pool.query<{ example: string | null }>(
    'SELECT example::text AS example FROM topics WHERE name = $1 AND deleted_at IS NULL',
    [topic],
  );
  const [row] = result.rows;
  if (row === undefined) throw problem('unknown_topic', 'is not in the catalog: GET /v1/topics');
  if (row.example === null) throw problem('invalid_fields', 'has no Example: add one with PATCH /v1/topics');
  return row.example;
}

function problem(code: 'reserved_topic' | 'unknown_topic' | 'invalid_fields', detail: string): ProblemError {
  return new ProblemError(code, `/Topic ${detail}`, [{ pointer: '/Topic', detail }]);
}
