import { Button, Group, Stack, Text } from '@mantine/core';
import type { Page } from '@postrider/client';
import type { Delivery, LiveDeliveries } from '@postrider/contracts';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLive, type LiveState } from '../api/live.js';
import { useDeliveries, useWebhooks, type DeliveryFilters } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { State } from '../parts/State.js';
import { webhookName } from '../webhooks/webhook-name.js';
import { DeliveryList } from './DeliveryList.js';
import { useFilters } from './filters.js';
import { Inspector } from './Inspector.js';
import { LogFilters } from './LogFilters.js';
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
  const { filters, value, set, clear, isFiltered, selected } = useFilters(webhookId);
  const client = useQueryClient();
  const deliveries = useDeliveries(org, filters);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [more, setMore] = useState(0);
  const [replaying, setReplaying] = useState(false);
  const mayResend = useMay('deliveries:resend');
  const { data: webhooks } = useWebhooks(org, useMay('webhooks:read') && webhookId === undefined);
  const names = useMemo(
    () => new Map(webhooks?.map((webhook) => [webhook.Id, webhookName(webhook)])),
    [webhooks],
  );
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
      <LogFilters org={org} webhookId={webhookId} value={value} set={set} />
      <Group gap="xs" mih={34}>
        <LiveSign state={live} />
        <div role="status">
          {waiting === 0 ? null : (
            <Button size="xs" radius="xl" leftSection={<Icon name="up" size={14} />} onClick={showFresh}>
              {waiting} new
            </Button>
          )}
        </div>
        <Group gap="xs" ml="auto">
          {isFiltered ? (
            <Button variant="subtle" size="xs" onClick={clear}>
              Clear filters
            </Button>
          ) : null}
          {mayResend ? (
            <Button
              variant="default"
              size="xs"
              leftSection={<Icon name="replay" size={14} />}
              onClick={() => setReplaying(true)}
            >
              Replay …
            </Button>
          ) : null}
        </Group>
      </Group>
      {deliveries.error === null ? null : (
        <Problem error={deliveries.error} retry={() => void deliveries.refetch()} />
      )}
      {deliveries.isPending ? <Loading /> : null}
      {deliveries.data !== undefined && rows.length === 0 ? <Nothing isFiltered={isFiltered} /> : null}
      {rows.length === 0 ? null : (
        <DeliveryList
          rows={rows}
          webhookNames={webhookId === undefined ? names : null}
          hasMore={deliveries.hasNextPage}
          loadMore={() => {
            if (!deliveries.isFetchingNextPage) void deliveries.fetchNextPage();
          }}
          onOpen={(delivery) => set({ delivery: delivery.Id })}
        />
      )}
      {selected === null ? null : (
        <Inspector key={selected} org={org} id={selected} onClose={() => set({ delivery: null })} />
      )}
      {replaying ? <ReplayDialog org={org} filters={filters} onClose={() => setReplaying(false)} /> : null}
    </Stack>
  );
}

function LiveSign({ state }: { readonly state: LiveState }) {
  return state === 'live' ? (
    <State tone="good" mark="●">
      Live
    </State>
  ) : (
    <State tone="quiet" mark="○">
      {state === 'off' ? 'Not live' : 'Connecting'}
    </State>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No deliveries here">
      <Text c="dimmed">Nothing fits these filters. Widen them, or clear them.</Text>
    </Empty>
  ) : (
    <Empty title="No deliveries here">
      <Text c="dimmed">
        Each event that a webhook wants becomes a delivery, and shows here as it happens. To see one now, ping
        a webhook or send it an example.
      </Text>
    </Empty>
  );
}
