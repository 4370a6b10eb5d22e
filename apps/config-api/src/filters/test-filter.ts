import {
  maxTestedEvents,
  ProblemError,
  type EventSummary,
  type FilterTest,
  type FilterTestResult,
} from '@postrider/contracts';
import {
  compileFilter,
  evaluate,
  filterableEvent,
  matchesTopic,
  validateFilter,
  type CompiledFilter,
} from '@postrider/matching';
import type { Pool } from 'pg';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventColumns, toEventSummary, type EventRow } from '../events/event-row.js';
import { readEventText } from '../events/event-text.policy.js';

/** Events may have 512 KiB each: so many are in memory at a time. */
const eventsPerQuery = 25;
/** What a filter may take in all: 20 rules with the slowest patterns on the longest texts would take minutes. */
const budgetMs = 3_000;
const highestId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Pings and examples are left out: they were addressed to one webhook, whatever its filter. */
export async function testFilter(
  pool: Pool,
  organizationId: string,
  { Filter, Topics }: FilterTest,
): Promise<FilterTestResult> {
  const problems = validateFilter(Filter ?? []);
  const [first] = problems;
  if (first !== undefined) {
    const errors = problems.map(({ pointer, detail }) => ({ pointer: `/Filter${pointer}`, detail }));
    throw new ProblemError('invalid_fields', `/Filter${first.pointer} ${first.detail}`, errors);
  }
  const filter = compileFilter(Filter);
  const passed: EventSummary[] = [];
  let tested = 0;
  let spentMs = 0;
  for await (const row of newestEvents(pool, organizationId)) {
    const startedMs = performance.now();
    const summary = judge(row, filter, Topics ?? ['*']);
    if (summary !== null) passed.push(summary);
    tested += 1;
    spentMs += performance.now() - startedMs;
    if (spentMs > budgetMs) break;
    // Others are served in between.
    await nextTurn();
  }
  return { Tested: tested, Passed: passed.length, Events: passed };
}

function judge(row: EventRow, filter: CompiledFilter, topics: readonly string[]): EventSummary | null {
  if (!topics.some((pattern) => matchesTopic(pattern, row.topic))) return null;
  const parts = readEventText(row.text);
  const event = filterableEvent(parts.data, parts.resource, parts.actor);
  return evaluate(filter, event).passes ? toEventSummary(row, parts) : null;
}

/** Index: events' primary key (organization_id, uid). */
async function* newestEvents(pool: Pool, organizationId: string): AsyncGenerator<EventRow> {
  let before = highestId;
  for (let left = maxTestedEvents; left > 0; left -= eventsPerQuery) {
    const limit = Math.min(left, eventsPerQuery);
    const { rows } = await pool.query<EventRow>(
      `SELECT ${eventColumns} FROM events
       WHERE organization_id = $1 AND uid < $2 AND source <> 'postrider' ORDER BY uid DESC LIMIT ${limit}`,
      [organizationId, before],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    before = last.uid;
  }
}
