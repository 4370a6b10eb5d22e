// Attempt rows of a peer: what a team would keep of each request. In batches as Postrider writes them (at most 500 rows,
// at once when idle), or one insert each.
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

export interface Attempt {
  readonly eventId: string;
  readonly webhook: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly signature: string;
  readonly responseHeaders: string;
  readonly responseBody: string;
}

export type StoreAttempt = (attempt: Attempt) => Promise<void>;

export const createAttemptsSql = `
CREATE TABLE attempts (
  id uuid PRIMARY KEY, event_id text NOT NULL, webhook integer NOT NULL, started_at bigint NOT NULL,
  duration_ms integer NOT NULL, status_code smallint NOT NULL, signature text NOT NULL,
  response_headers text NOT NULL, response_body text NOT NULL
)`;

const maxRows = 500;
/** Batches being written at the same time. */
const maxWriting = 2;
const insert = `INSERT INTO attempts (id, event_id, webhook, started_at, duration_ms, status_code, signature, response_headers, response_body)`;

const valuesOf = (a: Attempt): unknown[] => [
  randomUUID(),
  a.eventId,
  a.webhook,
  a.startedAt,
  a.durationMs,
  a.statusCode,
  a.signature,
  a.responseHeaders,
  a.responseBody,
];

export function storeEach(pool: Pool): StoreAttempt {
  const text = `${insert} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
  return async (attempt) => {
    await pool.query({ name: 'attempt', text, values: valuesOf(attempt) });
  };
}

interface Waiting {
  readonly attempt: Attempt;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function storeInBatches(pool: Pool): StoreAttempt {
  const text = `${insert} SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::bigint[], $5::integer[],
    $6::smallint[], $7::text[], $8::text[], $9::text[])`;
  const waiting: Waiting[] = [];
  let writing = 0;
  const write = async (): Promise<void> => {
    const batch = waiting.splice(0, maxRows);
    writing += 1;
    try {
      const rows = batch.map(({ attempt }) => valuesOf(attempt));
      const columns = Array.from({ length: 9 }, (_, column) => rows.map((row) => row[column]));
      await pool.query({ name: 'attempts', text, values: columns });
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      writing -= 1;
      flush();
    }
  };
  const flush = (): void => {
    if (waiting.length > 0 && writing < maxWriting) void write();
  };
  return (attempt) =>
    new Promise((resolve, reject) => {
      waiting.push({ attempt, resolve, reject });
      if (waiting.length === 1) setImmediate(flush);
    });
}
