import type { DatabaseClock } from '@postrider/database';

const againMs = 1_000;

/** Resolves once the database's clock has been measured, however long PostgreSQL takes to come. */
export async function startClock(
  clock: DatabaseClock,
  report: (what: string, error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      await clock.start((error) => report("the database's clock could not be read", error));
      return;
    } catch (error) {
      report('the database is not there yet', error);
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}
