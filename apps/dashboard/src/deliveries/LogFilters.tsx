import { Select, TextInput } from '@mantine/core';
import { PostriderApiError } from '@postrider/client';
import { deliveryStatuses } from '@postrider/contracts';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { useTopics, useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Icon } from '../parts/Icon.js';
import { tellProblem } from '../parts/Feedback.js';
import { webhookName } from '../webhooks/webhook-name.js';
import { ranges, type useFilters } from './filters.js';

type FilterProps = Pick<ReturnType<typeof useFilters>, 'value' | 'set'> & {
  readonly org: string;
  readonly webhookId: string | undefined;
};

export function LogFilters({ org, webhookId, value, set }: FilterProps) {
  const { data: topics } = useTopics(useMay('webhooks:read'));
  const select = (
    name: 'Status' | 'Topic' | 'Range',
    label: string,
    data: { value: string; label: string }[],
  ) => (
    <Select
      label={label}
      placeholder="All"
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      data={data}
      value={value(name) ?? null}
      onChange={(to) => set({ [name]: to })}
    />
  );
  return (
    <div className="filters">
      {select(
        'Status',
        'Status',
        deliveryStatuses.map((status) => ({ value: status, label: status })),
      )}
      {select('Topic', 'Topic', topics?.map(({ Name }) => ({ value: Name, label: Name })) ?? [])}
      {webhookId === undefined ? <WebhookFilter org={org} value={value} set={set} /> : null}
      {select(
        'Range',
        'Time',
        Object.entries(ranges).map(([name, { label }]) => ({ value: name, label })),
      )}
      <IdSearch key={value('EventId') ?? ''} org={org} value={value} set={set} />
    </div>
  );
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** The id of a delivery opens it; any other is an event's, and shows what became of that. */
function IdSearch({ org, value, set }: Omit<FilterProps, 'webhookId'>) {
  const [text, setText] = useState(value('EventId') ?? '');
  const search = async (): Promise<void> => {
    const id = text.trim();
    if (id === (value('EventId') ?? '')) return;
    if (isUuid(id)) {
      try {
        await postrider.organization(org).deliveries.get(id);
        set({ delivery: id });
        setText(value('EventId') ?? '');
        return;
      } catch (error) {
        // Events may have such ids too.
        if (!(error instanceof PostriderApiError) || error.status !== 404) {
          tellProblem(error);
          return;
        }
      }
    }
    set({ EventId: id });
  };
  return (
    <TextInput
      label="Id"
      placeholder="Delivery or event id"
      type="search"
      leftSection={<Icon name="search" size={14} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void search();
      }}
      onBlur={() => void search()}
    />
  );
}

function WebhookFilter({ org, value, set }: Omit<FilterProps, 'webhookId'>) {
  const { data: webhooks } = useWebhooks(org, useMay('webhooks:read'));
  return (
    <Select
      label="Webhook"
      placeholder="All"
      clearable
      clearButtonProps={{ 'aria-label': 'Clear Webhook' }}
      searchable
      data={webhooks?.map((webhook) => ({ value: webhook.Id, label: webhookName(webhook) })) ?? []}
      value={value('WebhookId') ?? null}
      onChange={(to) => set({ WebhookId: to })}
    />
  );
}
