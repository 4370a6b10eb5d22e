// The chart, as far as it can be judged without helm: what templates refer to is there, and what must be in every pod is.
// Where helm is on the PATH, what it makes of the chart is judged too.
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { services } from '../../scripts/lib/for-tests.mjs';
import { filesBelow, read, root } from './support.js';

const chart = 'deploy/helm/postrider';
const templates = filesBelow(`${chart}/templates`, /\.(yaml|tpl)$/).map((file) => ({
  file,
  text: read(file),
}));

interface Values {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly port: number;
        readonly portVariable: string;
        readonly secretName: string;
        readonly env: object;
      }
    >
  >;
  readonly env: object;
}
const values = parse(read(`${chart}/values.yaml`)) as Values;

function has(path: readonly string[], from: unknown = values): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  return (
    typeof from === 'object' &&
    from !== null &&
    key in from &&
    has(rest, (from as Record<string, unknown>)[key])
  );
}

test('what templates refer to is there: values, named templates, and an end for every beginning', () => {
  const defined = new Set(
    templates.flatMap(({ text }) => [...text.matchAll(/define "([^"]+)"/g)].map(([, name]) => name)),
  );
  for (const { file, text } of templates) {
    for (const [, path = ''] of text.matchAll(/\.Values\.([A-Za-z.]+)/g))
      expect({ file, path, there: has(path.split('.')) }).toEqual({ file, path, there: true });
    for (const [, name = ''] of text.matchAll(/include "([^"]+)"/g)) expect([...defined]).toContain(name);
    const begins = text.match(/\{\{-? *(if|range|with|define)\b/g) ?? [];
    const ends = text.match(/\{\{-? *end\b/g) ?? [];
    expect({ file, ends: ends.length }).toEqual({ file, ends: begins.length });
  }
  // What is read of a service within the range over them.
  for (const [name, service] of Object.entries(values.services))
    for (const [, path = ''] of read(`${chart}/templates/services.yaml`).matchAll(/\$service\.([A-Za-z.]+)/g))
      expect({ name, path, there: has(path.split('.'), service) }).toEqual({ name, path, there: true });
});

test('every service is there, on its port, with a secret of its own, and with settings that it reads', () => {
  const known = [...read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]+)/gm)].map(([, name]) => name);
  expect(Object.keys(values.services).sort()).toEqual(services.map(({ name }) => name).sort());
  for (const { name, portVariable } of services) {
    const service = values.services[name];
    expect(service?.portVariable).toBe(portVariable);
    expect(read('Dockerfile')).toContain(`FROM runtime AS ${name}\nENV SERVICE_PORT=${service?.port}\n`);
    for (const variable of Object.keys({ ...values.env, ...service?.env })) expect(known).toContain(variable);
  }
  const secrets = Object.values(values.services).map(({ secretName }) => secretName);
  expect(new Set(secrets).size).toBe(secrets.length);
});

test('nothing secret stands in the chart, and every pod is nobody, read-only and without capabilities', () => {
  for (const { file, text } of templates) {
    expect(text).not.toMatch(/kind: Secret\b|stringData|b64enc/);
    if (!/^ *containers:$/m.test(text)) continue;
    for (const part of [
      'postrider.podSecurity',
      'postrider.containerSecurity',
      'automountServiceAccountToken: false',
      'secretRef',
    ])
      expect({ file, part, there: text.includes(part) }).toEqual({ file, part, there: true });
  }
  const helpers = read(`${chart}/templates/_helpers.tpl`);
  for (const line of [
    'runAsNonRoot: true',
    'readOnlyRootFilesystem: true',
    'allowPrivilegeEscalation: false',
    'drop: [ALL]',
  ])
    expect(helpers).toContain(line);
});

test("the chart's version is the project's", () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(parse(read(`${chart}/Chart.yaml`))).toMatchObject({ version, appVersion: version });
});

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template?: { readonly spec: { readonly containers: readonly Record<string, unknown>[] } };
    readonly scaleTargetRef?: { readonly name: string };
    readonly egress?: readonly {
      readonly ports: readonly { readonly port: number }[];
      readonly to?: unknown;
    }[];
  };
}

const helm = process.env['HELM'] ?? 'helm';
const hasHelm = spawnSync(helm, ['version']).status === 0;

(hasHelm ? test : test.skip)('helm makes of it what it should', () => {
  const run = (...options: string[]) => spawnSync(helm, [...options], { encoding: 'utf8' });
  const lint = run('lint', '--strict', join(root, chart));
  expect({ status: lint.status, stdout: lint.stdout }).toMatchObject({ status: 0 });
  const options = ['ingress.enabled=true', 'serviceMonitor.enabled=true', 'networkPolicy.otlp.port=4318'];
  const { stdout, stderr } = run(
    'template',
    'pr',
    join(root, chart),
    '--kube-version',
    '1.30.0',
    ...options.flatMap((option) => ['--set', option]),
  );
  expect(stderr).toBe('');
  const resources = parseAllDocuments(stdout)
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);
  const count = (kind: string) => resources.filter((resource) => resource.kind === kind).length;
  for (const kind of [
    'Deployment',
    'Service',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'ServiceMonitor',
  ])
    expect({ kind, count: count(kind) }).toEqual({ kind, count: 4 });
  expect([count('Job'), count('Ingress')]).toEqual([1, 1]);
  for (const { spec } of resources.filter(({ kind }) => kind === 'Deployment'))
    expect(spec.template?.spec.containers[0]).toMatchObject({
      startupProbe: { httpGet: { path: '/health/ready', port: 'http' } },
      readinessProbe: { httpGet: { path: '/health/live', port: 'http' } },
      livenessProbe: { httpGet: { path: '/health/live', port: 'http' } },
      securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      resources: { limits: expect.anything() },
    });
  const policy = (name: string) =>
    resources.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name);
  const portsOf = (name: string) =>
    policy(name)?.spec.egress?.flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(portsOf('pr-signer')).toEqual([53, 53, 5432, 4222]);
  expect(portsOf('pr-dispatcher')).toEqual([53, 53, 5432, 4222, 4318, 443]);
});
