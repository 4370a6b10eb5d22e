// What an image and a compose file have to be, as hadolint and reviewers would say it.
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root, read } from './support.js';

const services = ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const;

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly profiles?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Stage {
  readonly name: string;
  readonly from: string;
  readonly lines: readonly string[];
}

function stages(): Stage[] {
  const lines = read('Dockerfile')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const found: { name: string; from: string; lines: string[] }[] = [];
  for (const line of lines) {
    const [, from, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? [];
    if (from !== undefined && name !== undefined) found.push({ name, from, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

const stage = (name: string): Stage => {
  const found = stages().find((one) => one.name === name);
  if (found === undefined) throw new Error(`the Dockerfile has no target ${name}`);
  return found;
};
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
};
const serviceOf = (name: string): ComposeService => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

test('every stage has a name, and begins with a pinned image or another stage', () => {
  const names = stages().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...services, 'migrate']));
  for (const { from } of stages()) expect([...names, 'node:24-slim']).toContain(from);
});

test('images run as nobody in particular, with nothing but their own production tree and a health check', () => {
  const runtime = stage('runtime').lines;
  expect(runtime).toContain('USER 1000:1000');
  expect(runtime.some((line) => line.startsWith('HEALTHCHECK ') && line.includes('healthcheck.mjs'))).toBe(
    true,
  );
  expect(runtime.some((line) => /^ENTRYPOINT \["node",/.test(line))).toBe(true);
  for (const name of services) {
    const { from, lines } = stage(name);
    expect(from).toBe('runtime');
    expect(lines.filter((line) => line.startsWith('COPY'))).toEqual([`COPY --from=build /out/${name}/ ./`]);
    expect(lines.some((line) => line.startsWith('USER') || line.startsWith('RUN'))).toBe(false);
    expect(lines).toContain(`CMD ["apps/${name}/dist/main.js"]`);
  }
  const users = stage('migrate').lines.filter((line) => line.startsWith('USER'));
  expect(users.at(-1)).toBe('USER 1000:1000');
});

test('the Dockerfile keeps to the rules: no ADD, no sudo, no apt, no cd, no secrets, nothing from the net by hand', () => {
  const text = stages().flatMap(({ lines }) => lines);
  for (const line of text) {
    expect(line).not.toMatch(
      /^ADD |\bsudo\b|\bapt(-get)?\b|\bcurl\b|\bwget\b|^RUN cd |:latest\b|^MAINTAINER/,
    );
    expect(line).not.toMatch(/^(ARG|ENV) .*(PASSWORD|SECRET|TOKEN|KEY)/);
    if (/^WORKDIR/.test(line)) expect(line).toMatch(/^WORKDIR \//);
  }
  // Install scripts are other people's programs.
  for (const line of text.filter((one) => /npm (ci|install)/.test(one) && !one.includes('--global')))
    expect(line).toContain('--ignore-scripts');
  const versions = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  expect(text.join('\n')).toContain(`turbo@${versions.devDependencies['turbo']} `.trim());
});

test('what is copied into an image is there, and the context leaves out what is not needed', () => {
  for (const { lines } of stages())
    for (const line of lines.filter((one) => one.startsWith('COPY ') && !one.includes('--from=')))
      for (const source of line.split(' ').slice(1, -1))
        expect({ source, there: existsSync(join(root, source)) }).toEqual({ source, there: true });
  const ignored = read('.dockerignore').split('\n');
  for (const pattern of ['*', '**/node_modules', '**/dist', '**/.env']) expect(ignored).toContain(pattern);
  expect(ignored).not.toContain('!.git');
});

test('compose runs every service from its own target, read-only, without capabilities, on its own secrets alone', () => {
  for (const name of services) {
    const service = serviceOf(name);
    expect(service.build?.target).toBe(name);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.volumes).toEqual([`secrets-${name}:/run/postrider:ro`]);
    expect(service.depends_on?.['migrate']?.condition).toBe('service_completed_successfully');
  }
});

test('compose opens ports on this machine alone, and what need not be reached has none', () => {
  const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => ({ name, port })),
  );
  for (const { port } of published) expect(port).toMatch(/^127\.0\.0\.1:/);
  const named = [...new Set(published.map(({ name }) => name))].sort();
  expect(named).toEqual(['config-api', 'event-ingest', 'mail', 'nats']);
  expect(compose.networks['backend']?.internal).toBe(true);
  for (const name of ['postgres', 'signer', 'migrate']) expect(serviceOf(name).networks).toEqual(['backend']);
});

test('no password stands in the compose file, and nothing insecure is on unless switched on', () => {
  const text = read('docker-compose.yml');
  expect(text).not.toMatch(/(PASSWORD|KEY|KEYS|SECRET)[A-Z_]*: *\$\{[A-Z_]+:-[^}]/);
  expect(text).not.toMatch(/postgres:\/\/[^$\s]*:[^$\s]*@/);
  for (const name of ['config-api', 'dispatcher']) {
    const { environment = {} } = serviceOf(name);
    expect(environment['ALLOW_HTTP_ENDPOINTS']).toBe('${ALLOW_HTTP_ENDPOINTS:-false}');
    expect(environment['EGRESS_ALLOW']).toBe('${EGRESS_ALLOW:-}');
    expect(environment['EGRESS_PORTS']).toBe('${EGRESS_PORTS:-443}');
  }
  for (const name of ['mail', 'receiver']) expect(serviceOf(name).profiles).toEqual(['demo']);
  for (const [name, { image }] of Object.entries(compose.services))
    expect({ name, tagged: /:(?!latest)[^:]+$/.test(image) }).toEqual({ name, tagged: true });
});

const secretOf: Readonly<Record<string, string>> = { postgres: 'password', nats: 'nats.conf' };
const inodeOf = (folder: string, place: string) =>
  statSync(join(folder, place, secretOf[place] ?? 'env')).ino;

test('secrets are made once, handed out one by one, and what is set goes before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postrider-secrets-'));
  const places = ['kept', 'postgres', 'nats', 'migrate', 'receiver', ...services];
  for (const place of places) mkdirSync(join(folder, place));
  const make = (env: Record<string, string> = {}, ...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'deploy/container/make-secrets.mjs'), ...options],
      { env: { SECRETS_DIR: folder, NATS_CONF: join(root, 'deploy/nats.conf'), ...env }, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  const fileOf = (place: string, file = 'env') => readFileSync(join(folder, place, file), 'utf8');
  try {
    const said = make();
    const first = Object.fromEntries(services.map((name) => [name, fileOf(name)]));
    // Not by chance: file after file.
    for (const name of services) expect(statSync(join(folder, name, 'env')).mode & 0o777).toBe(0o400);
    expect(first['signer']).toMatch(/^MASTER_KEYS='key-1:[A-Za-z0-9+/=]{44}'$/m);
    for (const name of ['config-api', 'event-ingest', 'dispatcher'])
      expect(first[name]).not.toContain('MASTER_KEYS');
    for (const name of ['dispatcher', 'signer']) expect(first[name]).not.toContain('ADMIN_API_KEY');
    const admin = /ADMIN_API_KEY='([^']+)'/.exec(first['config-api'] ?? '')?.[1] ?? 'none';
    expect(said).not.toContain(admin);
    expect(make({}, 'show')).toContain(`admin key: ${admin}`);
    expect(fileOf('nats', 'nats.conf')).toContain('jetstream {');
    expect(fileOf('nats', 'nats.conf')).toMatch(/^SIGNER_NATS_PASSWORD: "p[\w-]+"$/m);
    // A file that nobody may write to is replaced: here root might, in a container nobody does.
    const inodes = () => places.filter((name) => name !== 'kept').map((name) => inodeOf(folder, name));
    const before = inodes();
    make();
    for (const [at, inode] of inodes().entries()) expect(inode).not.toBe(before[at]);
    for (const name of services) expect(fileOf(name)).toBe(first[name]);
    make({ ADMIN_API_KEY: 'a-key-of-my-own-choice' });
    expect(fileOf('config-api')).toContain("ADMIN_API_KEY='a-key-of-my-own-choice'");
    expect(fileOf('signer')).toBe(first['signer']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
