import { ActionIcon, Autocomplete, Button, Input, Select, Stack, TextInput } from '@mantine/core';
import { filterOperators, type FilterRule, type Topic } from '@postrider/contracts';
import type { ReactNode } from 'react';
import { useTopics } from '../api/queries.js';
import { Icon } from '../parts/Icon.js';
import { pathsOf } from './filter-paths.policy.js';
import { FilterVerdict } from './FilterVerdict.js';
import { operatorWords } from './filter-words.js';

const commonFields = ['JobId', 'JobCommand', 'ExecutionState', 'Resource', 'Actor.Id', 'Actor.Type'];
const maxRules = 20;

/** What a rule may look at: the fields that every event has, and what the examples of the catalog show. */
function fieldsOf(topics: readonly Topic[]): string[] {
  const paths = topics.flatMap(({ Example }) => (Example === null ? [] : pathsOf(Example, 'Data')));
  return [...commonFields, ...new Set(paths)];
}

export interface FilterBuilderProps {
  readonly org: string;
  readonly topics: readonly string[];
  readonly value: readonly FilterRule[];
  readonly onChange: (rules: FilterRule[]) => void;
  readonly error: ReactNode;
}

export function FilterBuilder({ org, topics, value, onChange, error }: FilterBuilderProps) {
  const { data } = useTopics();
  const fields = fieldsOf(data ?? []);
  const change = (index: number, rule: Partial<FilterRule>): void =>
    onChange(value.map((one, at) => (at === index ? { ...one, ...rule } : one)));
  return (
    <Input.Wrapper
      label="Filter"
      labelElement="div"
      description="Optional: only events for which all rules hold are sent"
      error={error}
      role="group"
      aria-label="Filter"
    >
      <Stack gap="xs" mt={4} align="stretch">
        {value.map((rule, index) => (
          // Rules have no identity but their place.
          <div className="rule" key={index}>
            <Autocomplete
              aria-label={`Field of rule ${index + 1}`}
              placeholder="Data.Customer.Id"
              data={fields}
              maxDropdownHeight={220}
              value={rule.Field}
              onChange={(Field) => change(index, { Field })}
            />
            <Select
              aria-label={`Operator of rule ${index + 1}`}
              data={filterOperators.map((operator) => ({ value: operator, label: operatorWords[operator] }))}
              value={rule.Operator}
              allowDeselect={false}
              onChange={(operator) => change(index, { Operator: operator as FilterRule['Operator'] })}
            />
            <TextInput
              aria-label={`Value of rule ${index + 1}`}
              placeholder={rule.Operator === 'matches' ? '^prod-[0-9]+$' : 'value'}
              value={String(rule.Value ?? '')}
              onChange={(event) => change(index, { Value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove rule ${index + 1}`}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </ActionIcon>
          </div>
        ))}
        <FilterVerdict org={org} topics={topics} rules={value} />
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          style={{ alignSelf: 'flex-start' }}
          disabled={value.length >= maxRules}
          onClick={() => onChange([...value, { Field: '', Operator: 'is', Value: '' }])}
        >
          Add a rule
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
