// Headers as people capture them: copied lines, a request's head, or JSON.
import { CliError } from './errors.js';

/** By lower-case name. The first line of a request and empty lines are passed over. */
export function readHeaders(text: string): Record<string, string> {
  if (text.trimStart().startsWith('{')) return fromJson(text);
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || /^[A-Z]+ \S+( HTTP\/[\d.]+)?$/.test(line)) continue;
    // curl -v shows what it sends and gets with an arrow before it.
    const [, name, value] = /^[<>]?\s*([\w!#$%&'*+.^`|~-]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new CliError(
        `${JSON.stringify(line.slice(0, 80))} is no header.`,
        'Write headers as "name: value".',
        2,
      );
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function fromJson(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError(
      `The headers are not JSON: ${(error as Error).message}`,
      'Write lines of "name: value".',
      2,
    );
  }
  return Object.fromEntries(
    Object.entries(value as object).map(([name, one]: [string, unknown]) => [
      name.toLowerCase(),
      String(one),
    ]),
  );
}
