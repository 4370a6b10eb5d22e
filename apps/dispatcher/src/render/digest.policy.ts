// Many events in one message: how many, of which topics, and the first of them in a line each.
import { clip } from './clip.policy.js';
import { duration, type Story, type Tone } from './story.policy.js';

export interface DigestPart {
  readonly topic: string;
  /** Null where the event is only counted. */
  readonly story: Story | null;
}

const maxTopics = 9;
const maxLine = 100;

/** `parts`: the oldest first. `spanMs`: from the first to the last of them. */
export function tellDigest(parts: readonly DigestPart[], spanMs: number): Story {
  const told = parts.flatMap(({ story }) => (story === null ? [] : [story]));
  const lines = told.map((story) => `• ${lineOf(story)}`);
  const more = parts.length - told.length;
  if (more > 0) lines.push(`… and ${more} more`);
  return {
    title: `${parts.length} events within ${duration(Math.max(1_000, spanMs))}`,
    tone: toneOf(told),
    facts: countTopics(parts),
    text: lines.join('\n'),
    link: null,
  };
}

function lineOf({ title, facts }: Story): string {
  const exit = facts.find(({ label }) => label === 'Exit status');
  const line = clip(title, maxLine);
  return exit === undefined ? line : `${line} (exit status ${clip(exit.value, 20)})`;
}

/** One that is bad is not to be missed among many that are not. */
function toneOf(stories: readonly Story[]): Tone {
  if (stories.some(({ tone }) => tone === 'bad')) return 'bad';
  return stories.every(({ tone }) => tone === 'good') ? 'good' : 'neutral';
}

/** The most frequent topics first. */
function countTopics(parts: readonly DigestPart[]): Story['facts'] {
  const counts = new Map<string, number>();
  for (const { topic } of parts) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(maxTopics).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, maxTopics), ...(rest === 0 ? [] : [['other topics', rest] as const])].map(
    ([label, count]) => ({ label: clip(label, 60), value: String(count) }),
  );
}
