// A publisher's trace goes on through Postrider: an operator reads accept, lane, sign, deliver and record in one place.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connectNats,
  sendRequest,
  startOtlpReceiver,
  startReceiver,
  startSlack,
  startSystem,
  type OtlpReceiver,
  type Receiver,
  type ReceivedSpan,
  type TestSystem,
} from '@postrider/test-kit';

const canary = 'kanarienvogel';
let otlp: OtlpReceiver;
let receiver: Receiver;
let system: TestSystem;
let organizationId: string;

beforeAll(async () => {
  otlp = await startOtlpReceiver();
  receiver = await startReceiver();
  receiver.respond(({ path }) => ({ status: path.startsWith('/ill') ? 500 : 200 }));
  system = await startSystem({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
  const made = await system.api('POST', '/v1/organizations', { Name: 'Traced' });
  organizationId = (made.body as { Id: string }).Id;
  await addWebhook('/well');
});
afterAll(async () => {
  await system.stop();
  await Promise.all([otlp.close(), receiver.stop()]);
});

async function addWebhook(path: string, more: Record<string, unknown> = {}): Promise<void> {
  const reply = await system.api('POST', `/v1/organizations/${organizationId}/webhooks`, {
    Url: `${receiver.url}${path}?key=${canary}`,
    Topics: ['job.execution.failed'],
    Authorization: `Bearer ${canary}`,
    ...more,
  });
  expect(reply.status).toBe(201);
}

const traceparentOf = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
const spansOf = (traceId: string) => otlp.spans.filter((span) => span.traceId === traceId);

/** The spans of a trace as an operator sees them: names, indented below what they hang below. */
function tree(spans: readonly ReceivedSpan[], parentId: string | undefined, depth = 0): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentId && span.name !== 'wait')
    .sort((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1))
    .flatMap((span) => [
      `${' '.repeat(depth)}${span.service.slice(10)} ${span.name}`,
      ...tree(spans, span.spanId, depth + 1),
    ]);
}

const way = [
  'event-ingest accept',
  ' dispatcher attempt',
  '  dispatcher lane',
  '  dispatcher sign',
  '  dispatcher deliver',
  '  dispatcher record',
];

async function expectWholeTrace(digit: string, door: string): Promise<void> {
  const traceId = digit.repeat(32);
  await system.waitFor('the whole trace', () => spansOf(traceId).some(({ name }) => name === 'record'));
  const spans = spansOf(traceId);
  expect(tree(spans, digit.repeat(16)).sort()).toEqual([...way].sort());
  const attempt = spans.find(({ name }) => name === 'attempt');
  const deliver = spans.find(({ name }) => name === 'deliver');
  expect(spans.find(({ name }) => name === 'accept')?.attributes).toMatchObject({
    'postrider.organization.id': organizationId,
    'postrider.topic': 'job.execution.failed',
    'postrider.door': door,
    'postrider.outcome': 'accepted',
    'postrider.deliveries': 1,
  });
  expect(attempt?.attributes).toMatchObject({ 'postrider.attempt.number': 1, 'postrider.trigger': 'event' });
  expect(deliver?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'server.address': '127.0.0.1',
    'http.response.status_code': 200,
  });
  for (const { startTimeUnixNano, endTimeUnixNano } of spans)
    expect(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)).toBeLessThan(60_000_000_000n);
}

test("an event over HTTP goes on in its publisher's trace", async () => {
  const reply = await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.failed', Data: { Secret: canary } },
    { headers: { traceparent: traceparentOf('a') } },
  );
  expect(reply.status).toBe(202);
  await expectWholeTrace('a', 'http');
});

test("an event over NATS goes on in its publisher's trace", async () => {
  const nats = await connectNats(system.nats.urlFor('publisher'));
  await nats.publish(
    `postrider.events.v1.${organizationId}.job.execution.failed`,
    JSON.stringify({ Data: { Secret: canary } }),
    { headers: { traceparent: traceparentOf('b') } },
  );
  nats.close();
  await expectWholeTrace('b', 'nats');
});

test('retries stand in the trace of their delivery, to which the first attempt links', async () => {
  await addWebhook('/ill', { RetrySchedule: [1] });
  await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.failed', Data: {} },
    { headers: { traceparent: traceparentOf('c') } },
  );
  const first = await system.waitFor('the failed attempt', () =>
    spansOf('c'.repeat(32)).find(({ name, status }) => name === 'attempt' && status.code === 2),
  );
  expect(first.status.message).toBe('http_status');
  const traceId = first.links?.[0]?.traceId ?? '';
  expect(traceId).toBe(String(first.attributes['postrider.delivery.id']).replaceAll('-', ''));
  const retry = await system.waitFor('the retry', () =>
    spansOf(traceId).find(({ name }) => name === 'attempt'),
  );
  expect(retry.attributes).toMatchObject({ 'postrider.attempt.number': 2, 'postrider.trigger': 'retry' });
});

test('a message to people stands in the trace of its delivery, without a signature', async () => {
  const slack = await startSlack();
  const made = await system.api('POST', `/v1/organizations/${organizationId}/webhooks`, {
    Type: 'slack',
    Url: `${slack.url}/services/${canary}`,
    Topics: ['job.execution.succeeded'],
  });
  expect(made.status).toBe(201);
  await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.succeeded', Data: { Secret: canary } },
    { headers: { traceparent: traceparentOf('9') } },
  );
  const attempt = await system.waitFor('its attempt', () =>
    otlp.spans.find(
      ({ name, attributes }) =>
        name === 'attempt' && attributes['postrider.topic'] === 'job.execution.succeeded',
    ),
  );
  const traceId = String(attempt.attributes['postrider.delivery.id']).replaceAll('-', '');
  expect(attempt).toMatchObject({ traceId, attributes: { 'postrider.attempt.number': 1 } });
  expect(attempt.parentSpanId).toBeUndefined();
  await system.waitFor('all of it', () => spansOf(traceId).some(({ name }) => name === 'record'));
  const names = tree(spansOf(traceId), undefined);
  expect(names).toEqual(['dispatcher attempt', ' dispatcher deliver', ' dispatcher record']);
  const deliver = spansOf(traceId).find(({ name }) => name === 'deliver');
  expect(deliver?.attributes).toMatchObject({
    'server.address': '127.0.0.1',
    'http.response.status_code': 200,
  });
  // What is accepted is told in the publisher's own trace all the same.
  expect(spansOf('9'.repeat(32)).map(({ name }) => name)).toEqual(['accept']);
  await slack.stop();
});

test('what is not sampled is not told, receivers are told nothing, and no span holds what is secret', async () => {
  const before = receiver.requests.length;
  await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.failed', Data: {} },
    { headers: { traceparent: traceparentOf('d').replace(/01$/, '00') } },
  );
  await system.waitFor('the delivery', () => receiver.requests.length > before);
  const seen = otlp.spans.length;
  await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.failed', Data: {} },
    { headers: { traceparent: traceparentOf('e') } },
  );
  await system.waitFor('a later trace', () => spansOf('e'.repeat(32)).some(({ name }) => name === 'record'));
  expect(otlp.spans.length).toBeGreaterThan(seen);
  expect(spansOf('d'.repeat(32))).toEqual([]);
  expect(receiver.requests.some((request) => request.header('traceparent') !== undefined)).toBe(false);
  expect(otlp.bodies.join('\n')).not.toContain(canary);
});

test('receivers are told where that is switched on', async () => {
  await system.service('dispatcher').restart({ TRACE_RECEIVERS: 'true' });
  await system.ingest(
    'POST',
    `/v1/organizations/${organizationId}/events`,
    { Topic: 'job.execution.failed', Data: {} },
    { headers: { traceparent: traceparentOf('f') } },
  );
  await system.waitFor('a request with the trace', () =>
    receiver.requests.some((request) => request.header('traceparent')?.startsWith(`00-${'f'.repeat(32)}-`)),
  );
});

test('docs/metrics.md tells every metric of Postrider, and none that is not there', async () => {
  const table = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');
  const documented = [...table.matchAll(/^\| `(postrider_\w+)` +\| (\w+)/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  const served = new Set<string>();
  for (const name of ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const) {
    const { text } = await sendRequest('GET', `${system.service(name).url}/metrics`);
    for (const [, metric, type] of text.matchAll(/^# TYPE (postrider_\w+) (\w+)$/gm))
      served.add(`${metric} ${type}`);
  }
  expect(documented.sort()).toEqual([...served].sort());
});

/** What a service has counted so far: by series, as they stand in its metrics. */
async function figuresOf(name: 'config-api' | 'event-ingest' | 'dispatcher' | 'signer') {
  const { text } = await sendRequest('GET', `${system.service(name).url}/metrics`);
  const lines = [...text.matchAll(/^(postrider_[^ ]+) (\S+)$/gm)];
  return new Map(lines.map(([, series = '', value]) => [series, Number(value)]));
}

test('the counters of all services count what happened', async () => {
  const services = ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const;
  const figures = async () =>
    new Map((await Promise.all(services.map(figuresOf))).flatMap((map) => [...map]));
  const before = await figures();
  await addWebhook('/filtered', { Filter: [{ Field: 'Data.Wanted', Operator: 'is', Value: 'yes' }] });
  const events = `/v1/organizations/${organizationId}/events`;
  const event = { Id: 'evt_counted', Topic: 'job.execution.failed', Data: {} };
  const seen = receiver.requests.length;
  for (const status of [202, 202]) expect((await system.ingest('POST', events, event)).status).toBe(status);
  expect((await system.ingest('POST', events, { ...event, Topic: 'unheard.of' })).status).toBe(422);
  const nats = await connectNats(system.nats.urlFor('publisher'));
  await nats.publish(`postrider.events.v1.${organizationId}.job.execution.failed`, '{"Data":{}}');
  nats.close();
  // Two events, each to /well and to /ill, which fails; the filter keeps both from the third.
  await system.waitFor('the requests', () => receiver.requests.length >= seen + 4);
  const wanted: Record<string, number> = {
    'postrider_events_accepted_total{door="http"}': 1,
    'postrider_events_accepted_total{door="nats"}': 1,
    'postrider_events_duplicate_total{door="http"}': 1,
    'postrider_events_rejected_total{door="http",code="unknown_topic"}': 1,
    'postrider_deliveries_created_total{door="http"}': 2,
    'postrider_deliveries_created_total{door="nats"}': 2,
    // The one that came again is matched again.
    postrider_deliveries_withheld_total: 3,
    'postrider_ingest_commit_seconds_count{door="nats"}': 1,
    'postrider_attempts_total{outcome="received",trigger="event"}': 2,
    'postrider_attempts_total{outcome="http_status",trigger="event"}': 2,
    'postrider_deliveries_taken_total{source="lane"}': 4,
    'postrider_configuration_published_total{outcome="done"}': 1,
    'postrider_http_request_seconds_count{method="POST",route="/v1/organizations/:org/webhooks",status="201"}': 1,
  };
  let counted: Record<string, number> = {};
  await system
    .waitFor('the counters', async () => {
      const now = await figures();
      counted = Object.fromEntries(
        Object.keys(wanted).map((series) => [series, (now.get(series) ?? 0) - (before.get(series) ?? 0)]),
      );
      return Object.entries(wanted).every(([series, count]) => counted[series] === count);
    })
    .catch(() => undefined);
  expect(counted).toEqual(wanted);
  // What grows with any work of this kind; spans go out once in a while.
  const growing = [
    'postrider_attempt_seconds_count',
    'postrider_record_batch_rows_count',
    'postrider_record_seconds_count',
    'postrider_sign_request_seconds_count',
    'postrider_sign_batch_items_sum',
    'postrider_sign_seconds_count',
    'postrider_signatures_total{result="signed"}',
    'postrider_secret_lookups_total{result="hit"}',
    'postrider_spans_total{result="sent"}',
    'postrider_claim_seconds_count',
  ];
  let now = await figures();
  await system
    .waitFor('the rest to grow', async () => {
      now = await figures();
      return growing.every((series) => (now.get(series) ?? 0) > (before.get(series) ?? 0));
    })
    .catch(() => undefined);
  expect(growing.filter((series) => (now.get(series) ?? 0) <= (before.get(series) ?? 0))).toEqual([]);
  expect(now.get('postrider_secrets_known')).toBeGreaterThanOrEqual(2);
  expect(now.get('postrider_spans_total{result="dropped"}') ?? 0).toBe(0);
});
