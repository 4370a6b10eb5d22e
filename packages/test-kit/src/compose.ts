// What docker-compose.yml hands to its containers, made by the program that makes it there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { root } from '../../../scripts/lib/for-tests.mjs';
import { temporaryFolder } from './keeper.js';

const places = ['config-api', 'event-ingest', 'dispatcher', 'signer', 'migrate', 'receiver'] as const;
export type ComposePlace = (typeof places)[number];

export interface ComposeSecrets {
  /** nats.conf as the container of NATS reads it, passwords and all. */
  readonly natsConfiguration: string;
  /** The password of PostgreSQL's administrator. */
  readonly postgresPassword: string;
  /** The settings that a container finds in its file. */
  environmentOf(place: ComposePlace): Readonly<Record<string, string>>;
  /** The password of a NATS user. */
  natsPasswordOf(user: string): string;
}

/** The secrets of a compose installation that was never started before. */
export function makeComposeSecrets(): ComposeSecrets {
  const folder = temporaryFolder('secrets');
  for (const place of [...places, 'kept', 'postgres', 'nats']) mkdirSync(join(folder, place));
  execFileSync(process.execPath, [join(root, 'deploy', 'container', 'make-secrets.mjs')], {
    env: { SECRETS_DIR: folder, NATS_CONF: join(root, 'deploy', 'nats.conf') },
  });
  const read = (place: string, file: string): string => readFileSync(join(folder, place, file), 'utf8');
  const kept = JSON.parse(read('kept', 'secrets.json')) as Readonly<Record<string, string>>;
  return {
    natsConfiguration: read('nats', 'nats.conf'),
    postgresPassword: read('postgres', 'password'),
    environmentOf: (place) => parseEnv(read(place, 'env')) as Readonly<Record<string, string>>,
    natsPasswordOf: (user) => kept[`${user.toUpperCase()}_NATS_PASSWORD`] ?? '',
  };
}

/**
 * nats.conf of a container, as a server of a test's own can read it: on a port, in a folder and with a log of its own,
 * and all else as it is.
 * @param version of the server: before 2.10 it does not know `sync_interval`
 */
export function natsConfigurationHere(
  text: string,
  here: { port: number; storeDir: string; pidFile: string; version: string },
): string {
  const [major = 0, minor = 0] = here.version.split('.').map(Number);
  const changes: readonly (readonly [string, string])[] = [
    ['\nport: 4222\n', `\nhost: 127.0.0.1\nport: ${here.port}\npid_file: ${JSON.stringify(here.pidFile)}\n`],
    ['\nhttp_port: 8222\n', '\n'],
    ['\n  store_dir: /data\n', `\n  store_dir: ${JSON.stringify(here.storeDir)}\n`],
    ...(major === 2 && minor < 10 ? [['\n  sync_interval: always\n', '\n'] as const] : []),
  ];
  return changes.reduce((changed, [from, to]) => {
    const parts = changed.split(from);
    if (parts.length !== 2) throw new Error(`deploy/nats.conf must hold ${JSON.stringify(from)} once`);
    return parts.join(to);
  }, text);
}
