import { createPool } from '@postrider/database';
import type { Pool } from 'pg';

/** Plans that join a handful of rows to large tables must go by index, also before statistics are gathered. */
export function createHotPool(databaseUrl: string, onError: (error: Error) => void): Pool {
  const url = new URL(databaseUrl);
  const options =
    '-c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c jit=off';
  url.searchParams.set('options', options);
  return createPool({ databaseUrl: url.href, applicationName: 'postrider-dispatcher', max: 6 }, onError);
}
