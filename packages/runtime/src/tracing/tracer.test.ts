import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startOtlpReceiver, waitFor, type OtlpReceiver } from '@postrider/test-kit';
import { ConfigurationError, loadConfig, readTracing, tracingSettings } from '../config.js';
import { z } from 'zod';
import { metricsRegistry } from '../metrics.js';
import { readTraceparent, traceIdOf, writeTraceparent } from './trace-context.js';
import type { Span } from './span.js';
import { startTracer, type Tracer } from './tracer.js';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const deliveryId = '01900000-0000-7000-8000-0123456789ab';
let receiver: OtlpReceiver;
let tracer: Tracer;
const errors: unknown[] = [];

const read = (env: Record<string, string>) => readTracing(loadConfig(z.object(tracingSettings), env));

function open(env: Record<string, string> = {}): Tracer {
  const started = startTracer({
    service: 'test',
    version: '1.2.3',
    config: read({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }),
    onError: (error) => errors.push(error),
  });
  if (started === null) throw new Error('no tracer');
  return started;
}

function span(of: Tracer, more: Partial<Span> = {}): Span {
  return {
    trace: of.place(null, () => traceIdOf(deliveryId)),
    parentId: null,
    name: 'attempt',
    kind: 'internal',
    startMs: 1_764_000_000_000.25,
    endMs: 1_764_000_000_012,
    attributes: { text: 'a', whole: 3, part: 0.5, yes: true, nothing: null },
    ...more,
  };
}

async function dropped(): Promise<number> {
  const text = await metricsRegistry.metrics();
  return Number(/postrider_spans_total\{result="dropped"\} (\d+)/.exec(text)?.[1] ?? 0);
}

beforeEach(async () => {
  errors.length = 0;
  receiver = await startOtlpReceiver();
  tracer = open();
});
afterEach(async () => {
  await tracer.close();
  await receiver.close();
});

test('a traceparent is read as W3C says, and anything else is none', () => {
  const trace = readTraceparent(given);
  expect(trace).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    isSampled: true,
  });
  expect(trace && writeTraceparent(trace)).toBe(given);
  expect(readTraceparent(given.replace(/01$/, '00'))?.isSampled).toBe(false);
  expect(readTraceparent(`${given.replace(/^00/, 'cc')}-more`)).not.toBeNull();
  for (const bad of [
    '',
    null,
    undefined,
    'nonsense',
    given.toUpperCase(),
    `${given}-more`,
    given.replace(/^00/, 'ff'),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
  ])
    expect(readTraceparent(bad)).toBeNull();
});

test('without an endpoint there is no tracer', () => {
  expect(read({})).toBeNull();
  expect(startTracer({ service: 'test', version: '1', config: null, onError: () => undefined })).toBeNull();
});

test('settings that are wrong are named, and what may be a key is not told', () => {
  expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toThrow(
    /OTEL_EXPORTER_OTLP_ENDPOINT/,
  );
  const withHeaders = (text: string) => () =>
    read({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_HEADERS: text });
  expect(withHeaders('sekrit')).toThrow(ConfigurationError);
  expect(withHeaders('sekrit')).not.toThrow(/sekrit/);
});

test('spans arrive as OTLP wants them', async () => {
  const keyed = open({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b,other=c',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const parent = span(keyed, { links: [{ traceId: traceIdOf(deliveryId), spanId: '00f067aa0ba902b7' }] });
  keyed.record(parent);
  const place = keyed.place(parent.trace, () => 'unused');
  keyed.record(span(keyed, { trace: place, parentId: parent.trace.spanId, kind: 'client', error: 'dns' }));
  await keyed.close();
  const [first, second] = receiver.spans;
  expect(first).toMatchObject({
    service: 'postrider-test',
    traceId: '01900000000070008000' + '0123456789ab',
    name: 'attempt',
    kind: 1,
    startTimeUnixNano: '1764000000000250000',
    endTimeUnixNano: '1764000000012000000',
    attributes: { text: 'a', whole: 3, part: 0.5, yes: true },
    status: {},
  });
  expect(second).toMatchObject({
    traceId: first?.traceId,
    parentSpanId: first?.spanId,
    kind: 3,
    status: { code: 2, message: 'dns' },
  });
  expect(second?.spanId).not.toBe(first?.spanId);
  expect(receiver.headers[0]).toMatchObject({ 'x-key': 'a b', other: 'c' });
  expect(receiver.bodies[0]).toContain('deployment.environment.name');
});

test('a trace that its publisher does not sample is not recorded, and a share of those begun here is', async () => {
  const unsampled = tracer.place(readTraceparent(given.replace(/01$/, '00')), () => 'unused');
  tracer.record(span(tracer, { trace: unsampled }));
  const half = open({ OTEL_TRACES_SAMPLER_ARG: '0.5' });
  const chosen = (tail: string) =>
    half.place(
      null,
      () => `0190000000007000800000000000${tail}`.padEnd(32, '0').slice(0, 20) + tail.repeat(3),
    );
  expect(chosen('7fff').isSampled).toBe(true);
  expect(chosen('8fff').isSampled).toBe(false);
  await Promise.all([tracer.close(), half.close()]);
  expect(receiver.spans).toEqual([]);
});

test('a receiver that is away for a moment gets the spans afterwards; one that refuses them does not', async () => {
  receiver.answer(503);
  tracer.record(span(tracer));
  await waitFor('the trouble to be told', () => errors.length > 0);
  receiver.answer(200);
  await waitFor('the span', () => receiver.spans.length === 1);
  receiver.answer(400);
  const before = await dropped();
  tracer.record(span(tracer));
  await waitFor('the span to be dropped', async () => (await dropped()) === before + 1);
});

test('a receiver that stays away costs spans, not memory', async () => {
  receiver.answer(503);
  const before = await dropped();
  for (let n = 0; n < 30_000; n += 1) tracer.record(span(tracer));
  // 20,000 wait, and a request's worth is under way.
  expect((await dropped()) - before).toBeGreaterThanOrEqual(30_000 - 20_000 - 512);
});
