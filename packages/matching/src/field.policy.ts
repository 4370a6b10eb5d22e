import { ExactNumber, parseJsonValue } from './json-value.policy.js';

/** What a filter may look at. */
export interface FilterableEvent {
  /** From `parseJsonValue`; parsed when first asked for, so that a filter on `Resource` parses nothing. */
  readonly Data: unknown;
  readonly Resource: string | null;
  readonly Actor: { readonly Type: string; readonly Id: string } | null;
  /** Of this process; unset: nothing is remembered of the event from one filter to the next. */
  readonly number?: number;
  /** The fields that were looked up, by path. */
  readonly fields?: Map<string, unknown>;
}

let events = 0;

/** An event for any number of filters: the JSON text of `Data` is parsed at most once, and only if a rule asks. */
export function filterableEvent(
  dataText: string,
  resource: FilterableEvent['Resource'] = null,
  actor: FilterableEvent['Actor'] = null,
): FilterableEvent {
  let parsed: { data: unknown } | undefined;
  return {
    get Data() {
      parsed ??= { data: parseJsonValue(dataText) };
      return parsed.data;
    },
    Resource: resource,
    Actor: actor,
    number: (events += 1),
    fields: new Map(),
  };
}

const shortNames = new Map([
  ['JobId', 'Data.JobId'],
  ['JobCommand', 'Data.Target.Command'],
  ['ExecutionState', 'Data.State'],
]);

const outsideData = new Map<string, (event: FilterableEvent) => unknown>([
  ['Resource', (event) => event.Resource],
  ['Actor.Id', (event) => event.Actor?.Id],
  ['Actor.Type', (event) => event.Actor?.Type],
]);

/** Null, or what is wrong with it. Parts stand between full stops; a key that has one itself cannot be named. */
export function validateField(field: string): string | null {
  if (shortNames.has(field) || outsideData.has(field)) return null;
  if (!field.startsWith('Data.')) {
    return `${JSON.stringify(field)} is no field; use JobId, JobCommand, ExecutionState, Resource, Actor.Id, Actor.Type or a path such as Data.Target.Command`;
  }
  return field.split('.').includes('')
    ? `${JSON.stringify(field)} has an empty part between its full stops`
    : null;
}

/** A reader that answers undefined where the event has no such field; null is a value. */
export function readField(field: string): (event: FilterableEvent) => unknown {
  const outside = outsideData.get(field);
  if (outside !== undefined) return outside;
  const path = (shortNames.get(field) ?? field).split('.').slice(1);
  const key = path.join('.');
  return (event) => {
    const { fields } = event;
    const found = fields?.get(key);
    if (found !== undefined) return found;
    const value = path.reduce(readMember, event.Data);
    fields?.set(key, value);
    return value;
  };
}

/** Own members only, so that `__proto__` and `constructor` are keys like any other; arrays by index, `0` the first. */
function readMember(value: unknown, part: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return undefined;
  if (Array.isArray(value))
    return /^(0|[1-9]\d*)$/.test(part) ? (value as unknown[])[Number(part)] : undefined;
  return Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
}
