// Reads published events from their JSON text: what they say is parsed, `Data` and `PreviousData` stay the text that
// was published. PostgreSQL, receivers and signatures all get that very text.
import type { ErrorCode } from '@postrider/contracts';
import { JsonScanError, JsonScanner } from './json-scanner.policy.js';

export type EventJsonCode = Extract<
  ErrorCode,
  'malformed_json' | 'duplicate_key' | 'too_deep' | 'invalid_fields'
>;

export interface EventJsonProblem {
  readonly code: EventJsonCode;
  /** RFC 6901, into the text that was read; empty for all of it. */
  readonly pointer: string;
  readonly detail: string;
}

type Problematic = { readonly ok: false; readonly problem: EventJsonProblem };

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonSlice {
  /** As published: keys in their order, every digit, every escape, the white space inside. */
  readonly text: string;
  readonly kind: JsonKind;
}

export interface EventJson {
  /** The event as published, from its brace to its brace. */
  readonly text: string;
  readonly data: JsonSlice | undefined;
  readonly previousData: JsonSlice | undefined;
  /** All other members, unknown ones too, in an object without a prototype: `__proto__` is a key like any other. */
  readonly members: Readonly<Record<string, unknown>>;
  /** Of all members, in their order. */
  readonly keys: ReadonlySet<string>;
}

export const maxEventsInArray = 100;
/** An event has 8 that mean something; from here on unknown ones are counted no more, but skipped. */
const maxMembers = 64;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8 without a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): { readonly ok: true; readonly text: string } | Problematic {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return problematic('malformed_json', '', 'begins with a byte order mark; send UTF-8 without one');
  }
  try {
    return { ok: true, text: decoder.decode(bytes) };
  } catch {
    return problematic('malformed_json', '', 'is not UTF-8; send JSON encoded in UTF-8');
  }
}

/** Which members of an event stay text. */
export interface TextMembers {
  readonly data: string;
  /** Null: it has none. */
  readonly previousData: string | null;
}

const ownMembers: TextMembers = { data: 'Data', previousData: 'PreviousData' };

/** One event, as NATS brings it. */
export function readEvent(
  text: string,
  members = ownMembers,
): { readonly ok: true; readonly event: EventJson } | Problematic {
  const reader = new EventReader(text, members);
  let event: EventJson | undefined;
  const problem = reader.run(() => (event = reader.readEvent('')));
  if (problem !== null) return { ok: false, problem };
  return event === undefined ? problematic('invalid_fields', '', mustBeObject) : { ok: true, event };
}

/** A JSON value that stands alone for an event's `Data`. */
export function readData(text: string): { readonly ok: true; readonly data: JsonSlice } | Problematic {
  const reader = new EventReader(text, ownMembers);
  let data: JsonSlice | undefined;
  const problem = reader.run(() => (data = reader.readSlice()));
  if (problem !== null) return { ok: false, problem };
  return data === undefined ? problematic('malformed_json', '', 'is empty') : { ok: true, data };
}

/** One event or an array of 1..100, as HTTP brings them. */
export function readEvents(
  text: string,
  members = ownMembers,
): { readonly ok: true; readonly isArray: boolean; readonly events: readonly EventJson[] } | Problematic {
  const reader = new EventReader(text, members);
  const isArray = reader.isArrayNext();
  const events: EventJson[] = [];
  const problem = reader.run(() => {
    if (isArray) reader.readArray(events);
    else events.push(...[reader.readEvent('')].filter((event) => event !== undefined));
  });
  return problem === null ? { ok: true, isArray, events } : { ok: false, problem };
}

const mustBeObject = 'must be a JSON object: an event';

function problematic(code: EventJsonCode, pointer: string, detail: string): Problematic {
  return { ok: false, problem: { code, pointer, detail } };
}

/**
 * Text that is no JSON is told before anything else that is wrong with it, so a duplicate key or a wrong kind is
 * noted and reading goes on; nested too deeply ends it, whatever follows.
 */
class EventReader {
  private readonly scanner: JsonScanner;
  private problem: EventJsonProblem | null = null;
  /** Where we are: the event and its member that is being read; a pointer only when there is something to point at. */
  private base = '';
  private key: string | undefined;

  constructor(
    text: string,
    private readonly textMembers: TextMembers,
  ) {
    this.scanner = new JsonScanner(text);
  }

  run(read: () => void): EventJsonProblem | null {
    try {
      read();
      this.scanner.finish();
      return this.problem;
    } catch (error) {
      if (!(error instanceof JsonScanError)) throw error;
      return error.reason === 'malformed'
        ? { code: 'malformed_json', pointer: '', detail: error.message }
        : { code: 'too_deep', pointer: this.pointer(), detail: error.message };
    }
  }

  isArrayNext(): boolean {
    return this.scanner.peek() === 0x5b;
  }

  readArray(events: EventJson[]): void {
    // The outer array does not count as depth, hence 0.
    this.scanner.eachElement(0, (index) => {
      if (index >= maxEventsInArray) {
        this.note('invalid_fields', '', `has more than ${maxEventsInArray} events; send several requests`);
        return this.scanner.skipValue(1);
      }
      const event = this.readEvent(`/${index}`);
      if (event !== undefined) events.push(event);
    });
    if (events.length === 0) this.note('invalid_fields', '', 'has no event; send at least one');
  }

  /** Undefined where there is something else than an object. */
  readEvent(base: string): EventJson | undefined {
    const { scanner } = this;
    this.base = base;
    this.key = undefined;
    if (scanner.peek() !== 0x7b) {
      this.note('invalid_fields', base, mustBeObject);
      scanner.skipValue(1);
      return undefined;
    }
    const members = Object.create(null) as Record<string, unknown>;
    const { textMembers } = this;
    let data: JsonSlice | undefined;
    let previousData: JsonSlice | undefined;
    const keys = new Set<string>();
    const begin = scanner.position;
    scanner.eachMember(1, (keyStart, keyEnd) => {
      const key = parseSimple(scanner.text.slice(keyStart, keyEnd)) as string;
      this.key = key;
      if (keys.has(key)) this.note('duplicate_key', this.pointer(), `stands twice; send ${shown(key)} once`);
      keys.add(key);
      if (keys.size > maxMembers) {
        keys.delete(key);
        this.note('invalid_fields', base, `has more than ${maxMembers} fields; remove the unknown ones`);
        return scanner.skipValue(2);
      }
      const slice = this.readSlice();
      if (key === textMembers.data) data = slice;
      else if (key === textMembers.previousData) previousData = slice;
      else members[key] = this.parseMember(slice.text);
    });
    const text = scanner.text.slice(begin, scanner.position);
    return { text, data, previousData, members, keys };
  }

  /** Of an Actor that says who it is twice, JSON.parse would keep the second. */
  private parseMember(text: string): unknown {
    if (!text.startsWith('{')) return parseSimple(text);
    const inner = new JsonScanner(text);
    const keys = new Set<unknown>();
    inner.eachMember(1, (keyStart, keyEnd) => {
      const key = parseSimple(text.slice(keyStart, keyEnd)) as string;
      if (keys.has(key)) this.note('duplicate_key', this.pointer(), `has ${shown(key)} twice; send it once`);
      keys.add(key);
      inner.skipValue(2);
    });
    return JSON.parse(text) as unknown;
  }

  /** A value of an event, as it stands there. */
  readSlice(): JsonSlice {
    const { scanner } = this;
    scanner.peek();
    const start = scanner.position;
    scanner.skipValue(2);
    const text = scanner.text.slice(start, scanner.position);
    return { text, kind: kindOf(text) };
  }

  /** A key of kilobytes is no help in an answer; then the event is pointed at. */
  private pointer(): string {
    const { base, key } = this;
    if (key === undefined || key.length > 256) return base;
    return `${base}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }

  private note(code: EventJsonCode, pointer: string, detail: string): void {
    this.problem ??= { code, pointer, detail };
  }
}

/** JSON.parse, without its fixed cost for the strings that most members are. */
function parseSimple(text: string): unknown {
  return text.startsWith('"') && !text.includes('\\') ? text.slice(1, -1) : (JSON.parse(text) as unknown);
}

function kindOf(text: string): JsonKind {
  switch (text[0]) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    case 'n':
      return 'null';
    case 't':
    case 'f':
      return 'boolean';
    default:
      return 'number';
  }
}

function shown(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key);
}
