import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { deliveryStatuses, type Delivery, type LiveDeliveries } from '@postrider/contracts';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLive } from '../api/live.js';
import { useDeliveries, useTopics, useWebhooks, type DeliveryFilters, type Page } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { State } from '../parts/State.js';
import { DeliveryList } from './DeliveryList.js';
import { ranges, useFilters } from './filters.js';
import { Inspector } from './Inspector.js';
import { ReplayDialog } from './ReplayDialog.js';

function matches(delivery: Delivery, filters: DeliveryFilters): boolean {
  return (
    (filters.WebhookId === undefined || delivery.WebhookId === filters.WebhookId) &&
    (filters.Status === undefined || delivery.Status === filters.Status) &&
    (filters.Topic === undefined || delivery.Topic === filters.Topic) &&
    (filters.EventId === undefined || delivery.EventId === filters.EventId)
  );
}

/** The log of one webhook or of all, live: what changes is changed in place, what is new waits behind a pill. */
export function DeliveryLog({ org, webhookId }: { readonly org: string; readonly webhookId?: string }) {
  const { filters, value, set, selected } = useFilters(webhookId);
  const client = useQueryClient();
  const deliveries = useDeliveries(org, filters);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [more, setMore] = useState(0);
  const [replaying, setReplaying] = useState(false);
  const mayResend = useMay('deliveries:resend');
  const rows = useMemo(() => deliveries.data?.pages.flatMap((page) => page.Data) ?? [], [deliveries.data]);

  const onChange = ({ Data, More }: LiveDeliveries): void => {
    const known = new Set(rows.map(({ Id }) => Id));
    const changed = new Map(Data.map((delivery) => [delivery.Id, delivery]));
    client.setQueryData<InfiniteData<Page<Delivery>>>([org, 'deliveries', filters], (data) =>
      data === undefined
        ? data
        : {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              Data: page.Data.map((delivery) => changed.get(delivery.Id) ?? delivery),
            })),
          },
    );
    const added = Data.filter((delivery) => !known.has(delivery.Id) && matches(delivery, filters));
    if (added.length > 0) setFresh((ids) => new Set([...ids, ...added.map(({ Id }) => Id)]));
    if (More > 0) setMore((count) => count + More);
    if (selected !== null && changed.has(selected)) {
      void client.invalidateQueries({ queryKey: [org, 'delivery', selected] });
    }
  };
  const live = useLive(org, webhookId, onChange);
  const waiting = fresh.size + more;
  const showFresh = (): void => {
    setFresh(new Set());
    setMore(0);
    void client.resetQueries({ queryKey: [org, 'deliveries', filters] });
  };

  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end">
        <Filters org={org} webhookId={webhookId} value={value} set={set} />
        <Group gap="xs" ml="auto">
          {live === 'live' ? (
            <State tone="good" mark="●">
              Live
            </State>
          ) : (
            <State tone="quiet" mark="○">
              {live === 'off' ? 'Not live' : 'Connecting'}
            </State>
          )}
          {mayResend ? (
            <Button variant="default" onClick={() => setReplaying(true)}>
              Replay …
            </Button>
          ) : null}
        </Group>
      </Group>
      <div role="status">
        {waiting === 0 ? null : (
          <Button size="xs" radius="xl" onClick={showFresh}>
            ↑ {waiting} new
          </Button>
        )}
      </div>
      {deliveries.error === null ? null : (
        <Problem error={deliveries.error} retry={() => void deliveries.refetch()} />
      )}
      {deliveries.isPending ? <Loading /> : null}
      {deliveries.data !== undefined && rows.length === 0 ? (
        <Empty title="No deliveries here">
          <Text>
            Each event that a webhook wants becomes a delivery. Publish one, ping the webhook, or widen the
            filters.
          </Text>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DeliveryList
          rows={rows}
          hasMore={deliveries.hasNextPage}
          loadMore={() => {
            if (!deliveries.isFetchingNextPage) void deliveries.fetchNextPage();
          }}
          onOpen={(delivery) => set('delivery', delivery.Id)}
        />
      )}
      {selected === null ? null : (
        <Inspector key={selected} org={org} id={selected} onClose={() => set('delivery', null)} />
      )}
      {replaying ? <ReplayDialog org={org} filters={filters} onClose={() => setReplaying(false)} /> : null}
    </Stack>
  );
}

type FilterProps = Pick<ReturnType<typeof useFilters>, 'value' | 'set'> & {
  readonly org: string;
  readonly webhookId: string | undefined;
};

function Filters({ org, webhookId, value, set }: FilterProps) {
  const { data: topics } = useTopics();
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
      onChange={(to) => set(name, to)}
      w={{ base: 'calc(50% - 0.4rem)', sm: 160 }}
    />
  );
  return (
    <>
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
      <TextInput
        label="Event id"
        placeholder="evt_…"
        defaultValue={value('EventId') ?? ''}
        onKeyDown={(event) => {
          if (event.key === 'Enter') set('EventId', event.currentTarget.value.trim());
        }}
        onBlur={(event) => set('EventId', event.currentTarget.value.trim())}
        w={{ base: 'calc(50% - 0.4rem)', sm: 190 }}
      />
    </>
  );
}

function WebhookFilter({ org, value, set }: Omit<FilterProps, 'webhookId'>) {
  const { data: webhooks } = useWebhooks(org);
  return (
    <Select
      label="Webhook"
      placeholder="All"
      clearable
      clearButtonProps={{ 'aria-label': 'Clear Webhook' }}
      searchable
      data={
        webhooks?.map(({ Id, Alias, Url, Email }) => ({ value: Id, label: Alias ?? Url ?? Email ?? Id })) ??
        []
      }
      value={value('WebhookId') ?? null}
      onChange={(to) => set('WebhookId', to)}
      w={{ base: 'calc(50% - 0.4rem)', sm: 190 }}
    />
  );
}
