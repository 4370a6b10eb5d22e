// Reads an event's stored text back into its parts without parsing what was published: Data and PreviousData stay text,
// so that every digit and the order of keys survive. The text is the one that contracts' eventText makes.
import type { Actor, CloudEventOrigin } from '@postrider/contracts';

export interface EventTextParts {
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly resource: string | null;
  readonly actor: Actor | null;
  readonly cloudEvent: CloudEventOrigin | null;
  /** JSON text as published. */
  readonly previousData: string;
  readonly data: string;
}

const head =
  /^\{"Id":"[^"]*","Topic":"[^"]*","CreatedAt":(\d+),"UpdatedAt":(\d+),"OrganizationId":"[^"]*","Resource":(null|"(?:[^"\\]|\\.)*"),"PreviousData":/;
const actorKey = ',"Actor":';
const cloudEventKey = ',"CloudEvent":';
const dataKey = ',"Data":';

/** Throws where the text is none that eventText has made. */
export function readEventText(text: string): EventTextParts {
  const match = head.exec(text);
  if (match === null) throw new Error('the stored event does not begin as one');
  const [start, createdAt, updatedAt, resource] = match;
  const previousEnd = endOfValue(text, start.length);
  const actor = memberAt<Actor>(text, previousEnd, actorKey);
  const cloudEvent = memberAt<CloudEventOrigin>(text, actor.end, cloudEventKey);
  const at = cloudEvent.end;
  if (!text.startsWith(dataKey, at)) throw new Error('the stored event has no Data where it should be');
  return {
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    resource: JSON.parse(resource ?? 'null') as string | null,
    actor: actor.value,
    cloudEvent: cloudEvent.value,
    previousData: text.slice(start.length, previousEnd),
    data: text.slice(at + dataKey.length, -1),
  };
}

/** A member that may stand at `start`, and where it ends. */
function memberAt<T>(
  text: string,
  start: number,
  key: string,
): { readonly value: T | null; readonly end: number } {
  if (!text.startsWith(key, start)) return { value: null, end: start };
  const end = endOfValue(text, start + key.length);
  return { value: JSON.parse(text.slice(start + key.length, end)) as T, end };
}

/** Index behind the JSON value (an object, or null) that begins at `start`. */
function endOfValue(text: string, start: number): number {
  if (text.startsWith('null', start)) return start + 'null'.length;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  tokens.lastIndex = start;
  let depth = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth === 0) return tokens.lastIndex;
  }
  throw new Error('the stored event ends within a value');
}
