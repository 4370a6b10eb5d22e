import type { ChildProcess } from 'node:child_process';

export type ServiceName = 'config-api' | 'event-ingest' | 'dispatcher' | 'signer';
export type RoleName = 'config_api' | 'event_ingest' | 'dispatcher' | 'signer';

export interface ServiceDescription {
  readonly name: ServiceName;
  readonly role: RoleName;
  readonly portVariable: string;
}

export interface Started<Ready> {
  readonly child: ChildProcess;
  readonly ready: Promise<Ready>;
}

export declare const root: string;
export declare const services: readonly ServiceDescription[];
export declare function entryPoint(service: ServiceDescription): string;
export declare function freePort(): Promise<number>;

export declare function isAlive(pid: number): boolean;
export declare function endProcess(
  pid: number,
  how: { ask?: NodeJS.Signals; graceMs: number; insist?: NodeJS.Signals },
): Promise<void>;
export declare function tailOf(file: string, lines?: number): string;

export interface NatsPermissionsByUser {
  readonly [user: string]: { readonly publish: readonly string[]; readonly subscribe: readonly string[] };
}
export interface NatsServer {
  readonly port: number;
  readonly storeDir: string;
  readonly configFile: string;
  readonly pidFile: string;
}
export declare function ensureNatsServer(): Promise<string>;
export declare function loadNatsPermissions(): Promise<NatsPermissionsByUser>;
export declare function natsUrl(port: number, user?: string, password?: string): string;
export declare function prepareNats(options: {
  home: string;
  port: number;
  permissions?: NatsPermissionsByUser;
  passwords?: Readonly<Record<string, string>>;
  storeBytes?: number | undefined;
  cluster?: { readonly port: number; readonly ports: readonly number[] } | undefined;
  serverName?: string | undefined;
  logFile: string;
  program: string;
  render?: (server: NatsServer) => string;
}): NatsServer;
export declare function startNats(server: NatsServer): Started<void>;
export declare function stopNats(pid: number, options?: { graceMs?: number }): Promise<void>;

export interface PostgresCluster {
  readonly dataDir: string;
  readonly urlOn: (port: number) => string;
}
export declare function preparePostgres(options: {
  home: string;
  password: string;
  database: string;
  logFile: string;
  settings?: Readonly<Record<string, string | number>>;
}): PostgresCluster;
export declare function startPostgres(cluster: PostgresCluster, port: number): Promise<ChildProcess>;
export declare function stopPostgres(
  pid: number,
  options?: { graceMs?: number; hurry?: boolean },
): Promise<void>;
export declare function testPostgresOf(ownerPid: number): Promise<{ url: string; stop: () => Promise<void> }>;

export declare function urlAs(url: string, user: string, password: string): string;
export declare function serviceEnvironment(
  service: ServiceDescription,
  given: {
    environment: Readonly<Record<string, string | undefined>>;
    secrets: { AdminApiKey: string; MasterKeys: string };
    databaseUrl: string;
    natsUrl: string;
    port: number;
  },
): Record<string, string | undefined>;
export declare function launchService(
  service: ServiceDescription,
  variables: Readonly<Record<string, string | undefined>>,
  logFile?: string,
): Started<string>;
