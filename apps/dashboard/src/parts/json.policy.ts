// Indents JSON without reading its values: digits beyond 2^53, the order of keys and duplicate keys stay as they came.
const indent = '  ';
/** A string, or one character: enough to see where objects and arrays begin and end. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The text indented where it is JSON, else as it is. */
export function prettyJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let depth = 0;
  let out = '';
  let last = '';
  const line = (): string => `\n${indent.repeat(depth)}`;
  for (const [token] of text.matchAll(tokens)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth -= 1;
    if (isEnd && last !== '{' && last !== '[') out += line();
    else if (!isEnd && (last === '{' || last === '[' || last === ',')) out += line();
    out += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
    last = token;
  }
  return out;
}

/** The members of a JSON object as they stand in its text; the last of those with the same name. Empty for what is none. */
export function memberTexts(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let depth = 0;
  let name: string | null = null;
  let from = 0;
  const end = (to: number): void => {
    if (name !== null) members.set(name, text.slice(from, to).trim());
    name = null;
  };
  let last = '';
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0 || (depth === 1 && token === ',')) end(index);
    if (depth === 1 && token === ':') {
      name = JSON.parse(last) as string;
      from = index + 1;
    }
    if (token === '{' || token === '[') depth += 1;
    last = token;
  }
  return members;
}
