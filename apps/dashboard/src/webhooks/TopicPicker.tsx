import { PING_TOPIC, RESERVED_TOPIC_PREFIX } from '@postrider/contracts';
import { Checkbox, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTopics } from '../api/queries.js';
import { Loading } from '../parts/Feedback.js';

/** Topics by the words before their last: `job.execution.*` stands above those that it includes. */
function groupsOf(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.split('.').slice(0, -1).join('.');
    groups.set(prefix, [...(groups.get(prefix) ?? []), name]);
  }
  return groups;
}

/** Whether one of the patterns, other than the name itself, includes it. */
function isIncluded(name: string, patterns: readonly string[]): boolean {
  // What becomes of webhooks is told to those that name it, and `*` does not (docs/adr/0007).
  if (patterns.includes('*') && name !== '*' && !name.startsWith(RESERVED_TOPIC_PREFIX)) return true;
  return patterns.some(
    (pattern) => pattern !== name && pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)),
  );
}

export function TopicPicker({
  value,
  onChange,
  error,
}: {
  readonly value: readonly string[];
  readonly onChange: (topics: string[]) => void;
  readonly error: ReactNode;
}) {
  const { data } = useTopics();
  if (data === undefined) return <Loading />;
  // Deprecated ones are for those that have them already.
  const known = data.filter(
    ({ Name, Deprecated }) => Name !== PING_TOPIC && (!Deprecated || value.includes(Name)),
  );
  const byName = new Map(known.map((topic) => [topic.Name, topic]));
  const shown = [...byName.keys()];
  // What it names and the catalog has no more can still be taken away.
  const gone = value.filter((name) => name !== '*' && !name.endsWith('*') && !byName.has(name));
  const describe = (name: string): string | null => {
    const topic = byName.get(name);
    if (topic === undefined) return gone.includes(name) ? 'No longer in the catalog' : null;
    const about = topic.Description ?? topic.Title;
    return topic.Deprecated ? `Deprecated. ${about ?? ''}` : about;
  };
  const box = (name: string, label: string, description: string | null, indent: number) => {
    const included = isIncluded(name, value);
    return (
      <Checkbox
        key={name}
        value={name}
        ml={indent}
        label={label}
        description={description}
        disabled={included}
        // Included by another one: shown as what it is, and not to be had twice.
        {...(included ? { checked: true, indeterminate: true } : {})}
      />
    );
  };
  return (
    <Checkbox.Group
      label="Topics"
      withAsterisk
      value={[...value]}
      onChange={onChange}
      error={error}
      description="What it wants to hear of"
    >
      <Stack gap={8} mt="xs">
        {box('*', 'All topics', 'Also those that are added later; not what becomes of webhooks', 0)}
        {[...groupsOf([...shown, ...gone])].map(([prefix, names]) => (
          <Stack key={prefix} gap={8}>
            {prefix === '' ? (
              <Text size="sm" fw={500}>
                Others
              </Text>
            ) : (
              box(`${prefix}.*`, `${prefix}.*`, null, 0)
            )}
            {names.map((name) => box(name, name, describe(name), 28))}
          </Stack>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
