// The dashboard, the alert rules and the chart use metrics that there are, with labels that they have; and runbook links
// lead somewhere. That docs/metrics.md tells what services serve is shown by e2e/test/traces-tell-the-way.e2e.test.ts.
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { read } from './support.js';

interface Metric {
  readonly type: string;
  readonly labels: readonly string[];
}

function documented(): Map<string, Metric> {
  const rows = read('docs/metrics.md').matchAll(/^\| `(postrider_\w+)` *\| (\w+) *\| ([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  );
}

const metrics = documented();
/** What Prometheus itself and prom-client's process metrics add. */
const added = ['job', 'instance', 'le'];
const others = /^(process_cpu_seconds_total|process_resident_memory_bytes|nodejs_eventloop_lag_p99_seconds)$/;

/** Series that a metric has: a histogram has three. */
function metricOf(series: string): Metric | undefined {
  const exact = metrics.get(series);
  if (exact !== undefined && exact.type !== 'histogram') return exact;
  const base = metrics.get(series.replace(/_(bucket|sum|count)$/, ''));
  return base?.type === 'histogram' ? base : undefined;
}

function problemsOf(expression: string): string[] {
  const series = [...expression.matchAll(/\b(postrider_\w+|process_\w+|nodejs_\w+)\b(?:\{([^}]*)\})?/g)];
  if (series.length === 0) return [`no metric in ${expression}`];
  const labels = new Set(added);
  const unknown = series.flatMap(([, name = '', matchers = '']) => {
    const metric = others.test(name) ? { type: 'gauge', labels: [] } : metricOf(name);
    if (metric === undefined) return [`${name} is no metric`];
    for (const label of metric.labels) labels.add(label);
    const counted = metric.type === 'counter' || /_(bucket|sum|count)$/.test(name);
    const rated = new RegExp(`(rate|increase)\\(${name}\\b`).test(expression);
    const wrong = [...matchers.matchAll(/(\w+)\s*[=!]/g)].flatMap(([, label = '']) =>
      metric.labels.includes(label) ? [] : [`${name} has no label ${label}`],
    );
    return counted === rated || others.test(name)
      ? wrong
      : [...wrong, `${name} is a ${metric.type}: ${expression}`];
  });
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(/\s*,\s*/),
  );
  return [
    ...unknown,
    ...grouped.flatMap((label) => (labels.has(label) ? [] : [`no label ${label}: ${expression}`])),
  ];
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

test('the judge of expressions sees what is wrong', () => {
  expect(problemsOf('sum by (outcome) (rate(postrider_attempts_total{outcome="received"}[5m]))')).toEqual([]);
  expect(problemsOf('rate(postrider_attempts[5m])')).toEqual(['postrider_attempts is no metric']);
  expect(problemsOf('rate(postrider_attempts_total{webhook="x"}[5m])')).toHaveLength(1);
  expect(problemsOf('postrider_attempts_total')).toHaveLength(1);
  expect(problemsOf('sum by (url) (rate(postrider_attempts_total[5m]))')).toHaveLength(1);
});

test('the dashboard shows metrics that there are, and each of them somewhere', () => {
  const { panels } = JSON.parse(read('deploy/grafana/postrider.json')) as { panels: Panel[] };
  const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(shown.length).toBeGreaterThan(30);
  expect(shown.flatMap(problemsOf)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { title, type, targets = [] } of panels)
    expect({ title, drawn: type === 'row' || targets.length > 0 }).toEqual({ title, drawn: true });
  const text = shown.join('\n');
  const left = [
    'postrider_spans_total',
    'postrider_secrets_known',
    'postrider_sign_batch_items',
    'postrider_configuration_published_total',
  ];
  for (const name of metrics.keys())
    expect({ name, shown: text.includes(name) || left.includes(name) }).toEqual({ name, shown: true });
});

test('alerts fire on metrics that there are, and lead to their part of the runbook', () => {
  const { groups } = parse(read('deploy/grafana/alerts.yaml')) as {
    groups: {
      rules: {
        alert: string;
        expr: string;
        labels: { severity: string };
        annotations: Record<string, string>;
      }[];
    }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  expect(rules.flatMap(({ expr }) => problemsOf(expr))).toEqual([]);
  const headings = [...read('docs/runbook.md').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const { alert, labels, annotations } of rules) {
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations['summary']).toBeTruthy();
    const [file, anchor = ''] = (annotations['runbook'] ?? '').split('#');
    expect({ alert, file, known: headings.includes(anchor) }).toEqual({
      alert,
      file: 'docs/runbook.md',
      known: true,
    });
  }
});

test('the chart scales by metrics that there are', () => {
  const values = read('deploy/helm/postrider/values.yaml');
  const names = [...values.matchAll(/metric: \{ name: (\w+)/g)].map(([, name = '']) => name);
  expect(names).toHaveLength(3);
  for (const name of names) expect(metrics.get(name)?.type).toBe('gauge');
});
