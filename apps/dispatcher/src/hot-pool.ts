import { createPool } from '@postrider/database';
import type { Pool } from 'pg';

/** Plans that join a handful of rows to large tables must go by index, also before statistics are gathered. */
export function createHotPool(databaseUrl: string, onError: (error: Error) => void): Pool {
  const url = new URL(databaseUrl);
  const options = [
    'plan_cache_mode=force_generic_plan',
    ...['hashjoin', 'mergejoin', 'seqscan', 'material', 'bitmapscan'].map((how) => `enable_${how}=off`),
    // A look-up by index costs what reading the next page costs: nearly all of what is asked for is of today, in memory.
    'random_page_cost=1',
    'jit=off',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');
  url.searchParams.set('options', options);
  return createPool({ databaseUrl: url.href, applicationName: 'postrider-dispatcher', max: 6 }, onError);
}
