// A part of a trace: what was done, from when to when.
import type { Trace } from './trace-context.js';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Ids, codes and numbers alone: never a body, a secret, or the path of a URL. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | null>>;

export interface Span {
  readonly trace: Trace;
  /** Span id of what it hangs below; null: the trace begins with it. */
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** Epoch ms, fractions allowed, by the database's clock: services on different machines tell one time. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** An error code; null: fine. */
  readonly error?: string | null;
  /** Other traces that tell more. */
  readonly links?: readonly Pick<Trace, 'traceId' | 'spanId'>[];
}
