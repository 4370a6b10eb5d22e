// What deliveries leave on the disk, and what the services hold open: for the arithmetic of docs/scaling.md.
import type { TestSystem } from '@postrider/test-kit';

interface Sizes {
  readonly relations: Readonly<Record<string, number>>;
  readonly walBytes: number;
}

export interface Footprint {
  /** Rows with their indexes, by table. */
  readonly BytesPerDelivery: Readonly<Record<string, number>>;
  readonly WalBytesPerDelivery: number;
  /** Of PostgreSQL, by role. */
  readonly Connections: Readonly<Record<string, number>>;
}

const sizesSql = `
SELECT coalesce(parent.relname, c.relname)::text AS name, sum(pg_total_relation_size(c.oid)) AS bytes
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND coalesce(parent.relname, c.relname) IN ('events', 'event_ids', 'deliveries', 'attempts')
GROUP BY 1 ORDER BY 1`;

async function sizesOf({ database }: TestSystem): Promise<Sizes> {
  const rows = await database.query<{ name: string; bytes: string }>(sizesSql);
  const [wal] = await database.query<{ bytes: string }>(
    `SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes`,
  );
  return {
    relations: Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)])),
    walBytes: Number(wal?.bytes ?? 0),
  };
}

/** Begins to watch; the answer tells what has been left behind since, per delivery. */
export async function watchFootprint(
  system: TestSystem,
): Promise<(deliveries: number) => Promise<Footprint>> {
  const before = await sizesOf(system);
  return async (deliveries) => {
    const after = await sizesOf(system);
    const connections = await system.database.query<{ role: string; count: number }>(
      `SELECT usename::text AS role, count(*)::int AS count FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND usename LIKE '%\\_test\\_%' GROUP BY 1 ORDER BY 1`,
    );
    return {
      BytesPerDelivery: Object.fromEntries(
        Object.entries(after.relations).map(([name, bytes]) => [
          name,
          (bytes - (before.relations[name] ?? 0)) / deliveries,
        ]),
      ),
      WalBytesPerDelivery: (after.walBytes - before.walBytes) / deliveries,
      Connections: Object.fromEntries(connections.map(({ role, count }) => [role, count])),
    };
  };
}
