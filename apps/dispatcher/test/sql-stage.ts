import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import type { Pool } from 'pg';
import { createHotPool } from '../src/hot-pool.js';

/** A database of the file's own, and the dispatcher's pool on it with just the dispatcher's rights. */
export function sqlStage(): { readonly database: TestDatabase; readonly pool: Pool } {
  const stage: { database?: TestDatabase; pool?: Pool } = {};
  const errors: Error[] = [];
  beforeAll(async () => {
    stage.database = await createTestDatabase();
    stage.pool = createHotPool(stage.database.urlFor('dispatcher'), (error) => errors.push(error));
  });
  afterEach(() => {
    if (errors.length > 0) throw errors[0] as Error;
  });
  afterAll(async () => {
    await stage.pool?.end();
    await stage.database?.drop();
  });
  const ready = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the stage is ready in tests and hooks only');
    return part;
  };
  return {
    get database() {
      return ready(stage.database);
    },
    get pool() {
      return ready(stage.pool);
    },
  };
}
