// Whose rows a piece of work may see. PostgreSQL's row-level security reads it from the setting `postrider.organization`
// (migration 0005): the wall behind the conditions in the statements. docs/adr/0012.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Pool, type PoolClient } from 'pg';

/** The value of the setting with which all organizations' rows show. */
const everyOrganization = '*';

/** An organization's id, everyOrganization, or null: not known yet. */
type Scope = () => string | null;

const scopes = new AsyncLocalStorage<Scope>();

/** Everything that `run` begins sees the rows of all organizations: to find out whose a request is, and no longer. */
export function acrossOrganizations<T>(run: () => T): T {
  return scopes.run(() => everyOrganization, run);
}

/** Everything that `run` begins sees the rows of this organization alone. */
export function withinOrganization<T>(organizationId: string, run: () => T): T {
  return scopes.run(() => organizationId, run);
}

/**
 * For a request whose caller is found out on its way: `organizationOf` is asked whenever a connection is taken. It answers
 * an id, `*` for all organizations, or null as long as it is unknown: the database is then not to be asked at all.
 */
export function withinRequest<T>(organizationOf: Scope, run: () => T): T {
  return scopes.run(organizationOf, run);
}

/** Work that no request has begun (timers, what comes over NATS) is the installation's own: it sees all. */
function currentScope(): string {
  const scope = scopes.getStore();
  if (scope === undefined) return everyOrganization;
  const organization = scope();
  if (organization !== null) return organization;
  throw new Error(
    'a request asks the database before its caller is known: wrap a lookup that finds the caller in acrossOrganizations()',
  );
}

type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (failure?: Error | boolean) => void,
) => void;

/** A pool whose connections are told, whenever one is taken, whose rows may be seen: also by TypeORM (`driver`). */
export class OrganizationPool extends Pool {
  private readonly told = new WeakMap<PoolClient, string>();

  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | void {
    const connected = this.connectWithin();
    if (callback === undefined) return connected;
    connected.then(
      (client) => callback(undefined, client, (failure) => client.release(failure)),
      (error: unknown) => callback(error as Error, undefined, () => undefined),
    );
  }

  private async connectWithin(): Promise<PoolClient> {
    // Before anything is awaited: the scope is the caller's.
    const scope = currentScope();
    const client = await super.connect();
    if (this.told.get(client) === scope) return client;
    try {
      await client.query("SELECT set_config('postrider.organization', $1, false)", [scope]);
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
    this.told.set(client, scope);
    return client;
  }
}
