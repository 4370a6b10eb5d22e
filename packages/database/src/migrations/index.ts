import { Initial1700000000001 } from './0001-initial.js';

/** In the order in which they run. A landed migration is never edited: add the next. */
export const migrations = [Initial1700000000001] as const;
