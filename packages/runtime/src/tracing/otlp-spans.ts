// Spans as OTLP/HTTP wants them in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
// (ids as hex, 64-bit numbers as strings, enumerations as numbers).
import type { Span, SpanAttributes, SpanKind } from './span.js';

/** opentelemetry-proto trace.proto, SpanKind. */
const kinds: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};
/** trace.proto, StatusCode. */
const statusError = 2;

export interface Resource {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function encodeSpans(resource: Resource, spans: readonly Span[]): string {
  const resourceAttributes = {
    ...resource.attributes,
    'service.name': resource.serviceName,
    'service.version': resource.serviceVersion,
  };
  const scope = { name: 'postrider', version: resource.serviceVersion };
  const scopeSpans = [{ scope, spans: spans.map(encodeSpan) }];
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: encodeAttributes(resourceAttributes) }, scopeSpans }],
  });
}

function encodeSpan(span: Span): Record<string, unknown> {
  const { trace, parentId, name, kind, attributes, error = null, links = [] } = span;
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(Math.max(span.endMs, span.startMs)),
    attributes: encodeAttributes(attributes),
    ...(links.length === 0 ? {} : { links: links.map(({ traceId, spanId }) => ({ traceId, spanId })) }),
    status: error === null ? {} : { code: statusError, message: error },
  };
}

/** A double holds epoch milliseconds to a quarter of a microsecond: whole microseconds are told. */
function nanos(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}

function encodeAttributes(attributes: SpanAttributes): { key: string; value: object }[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: encodeValue(value) }],
  );
}

function encodeValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
