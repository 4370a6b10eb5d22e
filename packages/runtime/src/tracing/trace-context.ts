// W3C Trace Context, level 1: https://www.w3.org/TR/trace-context/#traceparent-header

/** A place in a trace: spans hang below it. */
export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** Whether whoever began the trace wants it recorded. */
  readonly isSampled: boolean;
}

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** null for what is no `traceparent`: then there is no trace to continue. */
export function readTraceparent(text: string | null | undefined): Trace | null {
  const [, version, traceId, spanId, flags, more] = traceparent.exec(text ?? '') ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined)
    return null;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, isSampled }: Trace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** A trace id of a UUID: who knows the id of a delivery finds its trace. */
export function traceIdOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}
