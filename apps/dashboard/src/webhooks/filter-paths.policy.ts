// Which paths an example of Data has, so that a rule's field can be chosen instead of remembered.
const maxPaths = 60;
const maxDepth = 6;

/** Paths of all values that are no objects; a key with a full stop in it can't be named in a filter. */
export function pathsOf(value: Readonly<Record<string, unknown>>, prefix: string, depth = 1): string[] {
  const paths: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (key === '' || key.includes('.') || paths.length >= maxPaths) continue;
    const path = `${prefix}.${key}`;
    const isObject = typeof member === 'object' && member !== null && !Array.isArray(member);
    if (!isObject) paths.push(path);
    else if (depth < maxDepth) paths.push(...pathsOf(member as Record<string, unknown>, path, depth + 1));
  }
  return paths.slice(0, maxPaths);
}
