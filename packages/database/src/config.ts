// What the migrate program reads from its environment.
import { serviceRoles, type ServiceRole } from './roles.js';

export interface MigrateOptions {
  /** An administrator's URL: it makes roles, tables and functions, and owns them. */
  readonly databaseUrl: string;
  /** Default: the database's name. */
  readonly rolePrefix?: string;
  readonly rolePasswords?: Partial<Record<ServiceRole, string>>;
}

export function readMigrateConfig(env: NodeJS.ProcessEnv = process.env): MigrateOptions {
  const databaseUrl = env['DATABASE_URL'];
  if (databaseUrl === undefined || databaseUrl === '') {
    throw new Error(
      "DATABASE_URL is missing: set it to an administrator's URL, postgres://user:password@host:5432/postrider",
    );
  }
  const rolePrefix = env['ROLE_PREFIX'];
  return {
    databaseUrl,
    ...(rolePrefix === undefined || rolePrefix === '' ? {} : { rolePrefix }),
    rolePasswords: parsePasswords(env['ROLE_PASSWORDS']),
  };
}

function parsePasswords(text: string | undefined): Partial<Record<ServiceRole, string>> {
  if (text === undefined || text === '') return {};
  const passwords: Partial<Record<ServiceRole, string>> = {};
  const entries = readObject(text);
  for (const [service, password] of entries ?? [['', null]]) {
    const role = serviceRoles.find((name) => name === service);
    if (role === undefined || typeof password !== 'string') {
      throw new Error(`ROLE_PASSWORDS must be a JSON object of passwords for ${serviceRoles.join(', ')}`);
    }
    passwords[role] = password;
  }
  return passwords;
}

/** The entries of a JSON object, null for anything else: the errors of JSON.parse would quote the passwords. */
function readObject(text: string): [string, unknown][] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? Object.entries(parsed)
      : null;
  } catch {
    return null;
  }
}
