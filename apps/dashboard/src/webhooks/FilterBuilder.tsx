import { ActionIcon, Autocomplete, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { filterOperators, type FilterRule } from '@postrider/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError, call, organizationPath } from '../api/client.js';
import { useMay } from '../api/session.js';

const fields = ['JobId', 'JobCommand', 'ExecutionState', 'Data.', 'Resource', 'Actor.Id', 'Actor.Type'];
const operatorWords: Readonly<Record<FilterRule['Operator'], string>> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
  starts_with: 'starts with',
  ends_with: 'ends with',
  matches: 'matches (RE2)',
};

interface FilterTest {
  readonly Tested: number;
  readonly Passed: number;
}

/** How many of the last events the rules let through; nothing where the server can't tell. */
function useFilterTest(org: string, rules: readonly FilterRule[], topics: readonly string[]) {
  const may = useMay('deliveries:read');
  const [settled] = useDebouncedValue({ rules, topics }, 400);
  return useQuery({
    queryKey: [org, 'filter-test', settled],
    queryFn: () =>
      call<FilterTest>('POST', `${organizationPath(org)}/filters/test`, {
        Filter: settled.rules,
        ...(settled.topics.length > 0 ? { Topics: settled.topics } : {}),
      }),
    enabled: may && settled.rules.length > 0,
    retry: false,
  });
}

export function FilterBuilder({
  org,
  topics,
  value,
  onChange,
  error,
}: {
  readonly org: string;
  readonly topics: readonly string[];
  readonly value: readonly FilterRule[];
  readonly onChange: (rules: FilterRule[]) => void;
  readonly error: ReactNode;
}) {
  const change = (index: number, rule: Partial<FilterRule>): void =>
    onChange(value.map((one, at) => (at === index ? { ...one, ...rule } : one)));
  return (
    <Stack gap="xs" role="group" aria-label="Filter">
      <Text size="sm" fw={500}>
        Filter
      </Text>
      <Text size="xs" c="dimmed">
        Optional: only events for which all rules hold are sent
      </Text>
      {value.map((rule, index) => (
        // Rules have no identity but their place.
        <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
          <Autocomplete
            aria-label={`Field of rule ${index + 1}`}
            placeholder="Data.Customer.Id"
            data={fields}
            value={rule.Field}
            onChange={(Field) => change(index, { Field })}
            flex={2}
          />
          <Select
            aria-label={`Operator of rule ${index + 1}`}
            data={filterOperators.map((operator) => ({ value: operator, label: operatorWords[operator] }))}
            value={rule.Operator}
            allowDeselect={false}
            onChange={(operator) => change(index, { Operator: operator as FilterRule['Operator'] })}
            flex={1.4}
          />
          <TextInput
            aria-label={`Value of rule ${index + 1}`}
            value={String(rule.Value ?? '')}
            onChange={(event) => change(index, { Value: event.currentTarget.value })}
            flex={2}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove rule ${index + 1}`}
            onClick={() => onChange(value.filter((_, at) => at !== index))}
          >
            <span aria-hidden="true">✕</span>
          </ActionIcon>
        </Group>
      ))}
      {error === undefined || error === null ? null : (
        <Text size="sm" c="var(--bad)" role="alert">
          {error}
        </Text>
      )}
      <FilterVerdict org={org} topics={topics} rules={value} />
      <Button
        variant="default"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        disabled={value.length >= 20}
        onClick={() => onChange([...value, { Field: '', Operator: 'is', Value: '' }])}
      >
        Add a rule
      </Button>
    </Stack>
  );
}

function FilterVerdict({
  org,
  topics,
  rules,
}: {
  readonly org: string;
  readonly topics: readonly string[];
  readonly rules: readonly FilterRule[];
}) {
  const { data, error } = useFilterTest(org, rules, topics);
  if (rules.length === 0) return null;
  if (error instanceof ApiError && error.status === 422) {
    return (
      <Text size="sm" c="var(--bad)">
        {error.message}
      </Text>
    );
  }
  if (data === undefined) return null;
  return (
    <Text size="sm" role="status">
      Lets through {data.Passed} of the last {data.Tested} events.
    </Text>
  );
}
