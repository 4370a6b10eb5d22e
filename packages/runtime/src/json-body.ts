// JSON bodies of the configuration API: strict UTF-8, no key twice in one object.
import { ProblemError } from '@postrider/contracts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What any field takes, and the body around it. */
const maxDepth = 72;

/** Whether arrays and objects are nested deeper, told without building any of them; wrong only for what is no JSON. */
export function isDeeperThan(text: string, limit: number): boolean {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  let depth = 0;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Parses a body; throws `malformed_json` or `duplicate_key`. An empty body is undefined: some calls need none. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new ProblemError('malformed_json', 'the body is not UTF-8');
  }
  if (isDeeperThan(text, maxDepth)) {
    throw new ProblemError('too_deep', `the body is nested more than ${maxDepth} deep: flatten it`, [
      { pointer: '', detail: `is nested more than ${maxDepth} deep` },
    ]);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ProblemError(
      'malformed_json',
      `the body is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'it does not parse'}`,
    );
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== null) {
    throw new ProblemError(
      'duplicate_key',
      `the key ${duplicate.slice(0, 100)} stands twice in the same object: keep one`,
    );
  }
  return value;
}

/** The first key (as JSON) that an object of this valid JSON text has twice, compared as decoded; null when none has. */
export function findDuplicateKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;
  let last = '';
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const keys = open.at(-1);
      const key = JSON.parse(last) as string;
      if (keys?.has(key)) return last;
      keys?.add(key);
    } else last = token;
  }
  return null;
}
