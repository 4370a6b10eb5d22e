// An attempt as a command for a POSIX shell: whatever a text holds stands in single quotes, which nothing leaves.
import type { Attempt } from '@postrider/contracts';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Headers that curl makes itself. */
const own = new Set(['host', 'content-length', 'connection']);

export function curlOf({ Request }: Pick<Attempt, 'Request'>): string {
  const headers = Object.entries(Request.Headers)
    .filter(([name]) => !own.has(name.toLowerCase()))
    .map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\`);
  return [`curl -i -X POST ${quote(Request.Url)} \\`, ...headers, `  --data-raw ${quote(Request.Body)}`].join(
    '\n',
  );
}
