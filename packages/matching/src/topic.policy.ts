/** `*` is every topic, `prefix.*` every topic below the prefix at any depth (not the prefix itself), else the topic. */
export function matchesTopic(pattern: string, topic: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? topic.startsWith(pattern.slice(0, -1)) : pattern === topic;
}

export type TopicPatternJudgement = { valid: true } | { valid: false; detail: string };

/** May a webhook name this pattern, given the catalog's topics? */
export function validateTopicPattern(pattern: string, knownTopics: Iterable<string>): TopicPatternJudgement {
  if (pattern === '*') return { valid: true };
  const prefix = pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern;
  if (prefix.includes('*') || prefix.split('.').includes('')) {
    return invalid(pattern, 'is no topic pattern; write a topic, "*", or a prefix such as "job.execution.*"');
  }
  for (const topic of knownTopics) if (matchesTopic(pattern, topic)) return { valid: true };
  return pattern === prefix
    ? invalid(pattern, 'is no known topic; GET /v1/topics lists them')
    : invalid(pattern, 'matches no known topic; GET /v1/topics lists them');
}

function invalid(pattern: string, what: string): TopicPatternJudgement {
  return { valid: false, detail: `${JSON.stringify(pattern)} ${what}` };
}

export interface TopicIndex<W> {
  /** The webhooks that want this topic, each once, in the order in which they were given. */
  find(topic: string): readonly W[];
}

/**
 * Topics come from a catalog of a few dozen; the bound is for a caller that asks before it has checked that,
 * so that invented topics cannot fill the memory.
 */
const maxCachedTopics = 1000;

/**
 * An index over the webhooks of one organization. A topic is looked up once per prefix of its own and the answer
 * kept, so that finding costs the same with ten webhooks as with 100,000. It never changes: compile anew when a
 * webhook does.
 */
export function compileTopics<W extends { readonly Topics: readonly string[] }>(
  webhooks: Iterable<W>,
): TopicIndex<W> {
  const all = [...webhooks];
  const byPattern = new Map<string, number[]>();
  all.forEach(({ Topics }, position) => {
    for (const pattern of Topics) {
      const positions = byPattern.get(pattern);
      if (positions === undefined) byPattern.set(pattern, [position]);
      else positions.push(position);
    }
  });
  const cache = new Map<string, readonly W[]>();

  function lookUp(topic: string): readonly W[] {
    const positions = new Set(patternsOf(topic).flatMap((pattern) => byPattern.get(pattern) ?? []));
    return [...positions].sort((a, b) => a - b).flatMap((position) => all[position] ?? []);
  }

  return {
    find(topic) {
      const known = cache.get(topic);
      if (known !== undefined) return known;
      const found = lookUp(topic);
      if (cache.size >= maxCachedTopics) cache.clear();
      cache.set(topic, found);
      return found;
    },
  };
}

/** Every pattern that matches a topic: `a.b.c` has itself, `a.b.*`, `a.*` and `*`. */
function patternsOf(topic: string): string[] {
  const patterns = [topic, '*'];
  for (let dot = topic.indexOf('.'); dot >= 0; dot = topic.indexOf('.', dot + 1)) {
    patterns.push(`${topic.slice(0, dot)}.*`);
  }
  return patterns;
}
