// A PostgreSQL role per service, named `<prefix>_<service>`; what each may do stands in the migrations.
import type { ClientBase } from 'pg';

export const serviceRoles = ['config_api', 'event_ingest', 'dispatcher', 'signer'] as const;
export type ServiceRole = (typeof serviceRoles)[number];

let rolePrefixOfThisRun: string | null = null;

/** Roles are cluster-wide, so installations that share a cluster need prefixes of their own. */
export function roleName(prefix: string, service: ServiceRole): string {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(prefix)) {
    throw new Error(`ROLE_PREFIX ${JSON.stringify(prefix)} must be 1..41 characters of a-z, 0-9 and _`);
  }
  return `${prefix}_${service}`;
}

/** The prefix as a role name can bear it, from a database's name. */
export function defaultRolePrefix(databaseName: string): string {
  const name = databaseName.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
  return (/^[a-z_]/.test(name) ? name : `p_${name}`).slice(0, 41);
}

/** Migrations are classes that TypeORM makes: the prefix reaches them here. */
export function currentRolePrefix(): string {
  if (rolePrefixOfThisRun === null) throw new Error('migrate() names the role prefix before migrations run');
  return rolePrefixOfThisRun;
}

export async function withRolePrefix<T>(prefix: string, run: () => Promise<T>): Promise<T> {
  rolePrefixOfThisRun = prefix;
  try {
    return await run();
  } finally {
    rolePrefixOfThisRun = null;
  }
}

/**
 * Makes the roles that are missing and, where passwords are given, lets the services log in with them.
 * Needs CREATEROLE (or superuser).
 */
export async function ensureRoles(
  client: ClientBase,
  prefix: string,
  passwords: Partial<Record<ServiceRole, string>>,
): Promise<void> {
  for (const service of serviceRoles) {
    const name = roleName(prefix, service);
    const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${name} NOSUPERUSER NOCREATEDB NOCREATEROLE`);
    const password = passwords[service];
    if (password !== undefined) {
      await client.query(`ALTER ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    }
  }
}
