// Which system is talked to: flags, then POSTRIDER_*, then the .postrider/local.json of `npm start`, here or further up.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError } from './errors.js';

/** What `npm start` writes of itself. */
export interface LocalSystem {
  readonly ApiUrl: string;
  readonly IngestUrl: string;
  readonly NatsUrl?: string;
  readonly DatabaseUrl?: string;
  readonly AdminApiKey: string;
  readonly HealthUrls?: Readonly<Record<string, string>>;
}

export interface Flags {
  readonly apiUrl?: string;
  readonly ingestUrl?: string;
  readonly apiKey?: string;
  readonly organization?: string;
  readonly json?: boolean;
}

export interface Settings {
  /** Where the address comes from, for people. */
  readonly source: string;
  readonly apiUrl: string;
  readonly ingestUrl: string;
  readonly apiKey: string | undefined;
  /** Id or name, as given. */
  readonly organization: string | undefined;
  /** Of the system that runs here, when that is the one. */
  readonly local: LocalSystem | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readSettings(
  flags: Flags,
  env: Environment = process.env,
  cwd: string = process.cwd(),
): Settings {
  const given = (flag: string | undefined, name: string) =>
    flag ?? (env[name] === '' ? undefined : env[name]);
  const organization = given(flags.organization, 'POSTRIDER_ORGANIZATION');
  const apiUrl = given(flags.apiUrl, 'POSTRIDER_API_URL');
  const ingestUrl = given(flags.ingestUrl, 'POSTRIDER_INGEST_URL');
  const apiKey = given(flags.apiKey, 'POSTRIDER_API_KEY');
  if (apiUrl !== undefined) {
    requireUrl(apiUrl);
    const source = flags.apiUrl === undefined ? 'POSTRIDER_API_URL' : '--api-url';
    return { source, apiUrl, ingestUrl: ingestUrl ?? apiUrl, apiKey, organization, local: null };
  }
  const file = findLocalFile(env, cwd);
  if (file === null) {
    throw new CliError(
      'No Postrider is named, and none runs here.',
      'Start one with npm start, or set POSTRIDER_API_URL and POSTRIDER_API_KEY (or --api-url, --api-key).',
    );
  }
  const local = JSON.parse(readFileSync(file, 'utf8')) as LocalSystem;
  return {
    source: file,
    apiUrl: local.ApiUrl,
    ingestUrl: ingestUrl ?? local.IngestUrl,
    apiKey: apiKey ?? local.AdminApiKey,
    organization,
    local,
  };
}

function findLocalFile(env: Environment, cwd: string): string | null {
  const stateDir = env['POSTRIDER_STATE_DIR'];
  if (stateDir !== undefined && stateDir !== '') {
    const file = join(stateDir, 'local.json');
    return existsSync(file) ? file : null;
  }
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, '.postrider', 'local.json');
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return null;
  }
}

function requireUrl(text: string): void {
  if (URL.canParse(text) && /^https?:/.test(text)) return;
  throw new CliError(
    `${JSON.stringify(text)} is no address of Postrider.`,
    'Give a URL such as http://localhost:3000 (POSTRIDER_API_URL or --api-url).',
    2,
  );
}

/** The signing secret for `verify`, so that it need not stand on the command line. */
export const signingSecretFromEnvironment = (): string | undefined => process.env['SIGNING_SECRET'];

/** https://no-color.org */
export const wantsColor = (): boolean =>
  process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '';
