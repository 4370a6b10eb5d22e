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
  const known = data.filter(({ Name }) => Name !== PING_TOPIC);
  const describe = new Map(known.map(({ Name, Description, Title }) => [Name, Description ?? Title]));
  const isIncluded = (name: string): boolean =>
    // What becomes of webhooks is told to those that name it, and `*` does not (docs/adr/0007).
    (value.includes('*') && !name.startsWith(RESERVED_TOPIC_PREFIX)) ||
    value.some((pattern) => pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)));
  const box = (name: string, label: string, description: string | null | undefined, indent: number) => (
    <Checkbox
      key={name}
      value={name}
      ml={indent}
      label={label}
      description={description}
      disabled={name !== '*' && isIncluded(name)}
    />
  );
  return (
    <Checkbox.Group
      label="Topics"
      withAsterisk
      value={[...value]}
      onChange={onChange}
      error={error}
      description="What it wants to hear of"
    >
      <Stack gap={6} mt="xs">
        {box('*', 'All topics', 'Also those that are added later; not what becomes of webhooks', 0)}
        {[...groupsOf(known.map(({ Name }) => Name))].map(([prefix, names]) => (
          <Stack key={prefix} gap={6}>
            {prefix === '' ? <Text size="sm">Others</Text> : box(`${prefix}.*`, `${prefix}.*`, null, 0)}
            {names.map((name) => box(name, name, describe.get(name), 28))}
          </Stack>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
