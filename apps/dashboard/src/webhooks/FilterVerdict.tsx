import { Anchor, Collapse, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { PostriderApiError } from '@postrider/client';
import type { FilterRule } from '@postrider/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Time } from '../parts/Time.js';

const shownEvents = 5;

/** How many of the last events the rules let through, asked once typing has come to rest. */
function useFilterTest(org: string, rules: readonly FilterRule[], topics: readonly string[]) {
  const may = useMay('deliveries:read');
  const [settled] = useDebouncedValue({ rules, topics }, 400);
  // A rule that is still being written tells nothing.
  const complete = settled.rules.filter(({ Field }) => Field.trim() !== '');
  return useQuery({
    queryKey: [org, 'filter-test', complete, settled.topics],
    queryFn: () =>
      postrider.organization(org).testFilter({
        Filter: complete,
        ...(settled.topics.length > 0 ? { Topics: [...settled.topics] } : {}),
      }),
    enabled: may && (complete.length > 0 || settled.topics.length > 0),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** “Lets through 37 of the last 500 events”, and which these are. */
export function FilterVerdict({
  org,
  topics,
  rules,
}: {
  readonly org: string;
  readonly topics: readonly string[];
  readonly rules: readonly FilterRule[];
}) {
  const { data, error } = useFilterTest(org, rules, topics);
  const [opened, setOpened] = useState(false);
  if (error !== null) {
    const detail =
      error instanceof PostriderApiError && error.status === 422 ? error.errors[0]?.detail : undefined;
    return (
      <Text size="sm" c="var(--bad)" role="status">
        {detail === undefined ? 'The filter could not be tried just now.' : `A rule ${detail}`}
      </Text>
    );
  }
  if (data === undefined) return null;
  const { Tested: tested, Passed: passed, Events: events } = data;
  if (tested === 0) {
    return (
      <Text size="sm" c="dimmed" role="status">
        There are no events yet to try this on.
      </Text>
    );
  }
  return (
    <Stack gap={4}>
      <Group gap="sm" role="status">
        <Text size="sm">
          Lets through <b>{passed}</b> of the last <b>{tested}</b> events.
        </Text>
        {events.length === 0 ? null : (
          <Anchor component="button" type="button" size="sm" onClick={() => setOpened((shown) => !shown)}>
            {opened ? 'Hide them' : 'Which?'}
          </Anchor>
        )}
      </Group>
      <Collapse expanded={opened}>
        <Stack gap={2}>
          {events.slice(0, shownEvents).map((event) => (
            <Group key={event.Id} gap="sm" wrap="nowrap">
              <Text className="mono" truncate miw={0}>
                {event.Id}
              </Text>
              <Text size="sm" c="dimmed" truncate>
                {event.Topic} · <Time at={event.AcceptedAt} ago span />
              </Text>
            </Group>
          ))}
          {passed > shownEvents ? (
            <Text size="sm" c="dimmed">
              and {passed - shownEvents} more
            </Text>
          ) : null}
        </Stack>
      </Collapse>
    </Stack>
  );
}
