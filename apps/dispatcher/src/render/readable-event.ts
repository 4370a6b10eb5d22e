// The event as a renderer reads it: from the text that all requests share, without losing a digit of any number.
import { ExactNumber, parseJsonValue } from '@postrider/matching';

export interface ReadableEvent {
  readonly id: string;
  readonly topic: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly resource: string | null;
  readonly actor: { readonly Type: string; readonly Id: string } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** `prefix`: an event's text but for its closing brace (contracts: bodyPrefix). */
export function readableEvent(prefix: Buffer): ReadableEvent {
  const event = plain(parseJsonValue(`${prefix.toString('utf8')}}`)) as Record<string, unknown>;
  return {
    id: event['Id'] as string,
    topic: event['Topic'] as string,
    createdAt: event['CreatedAt'] as number,
    resource: event['Resource'] as string | null,
    actor: (event['Actor'] ?? null) as ReadableEvent['actor'],
    data: event['Data'] as ReadableEvent['data'],
  };
}

/** Numbers that a double would round become texts. */
function plain(value: unknown): unknown {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
