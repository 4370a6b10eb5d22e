import { Card, SimpleGrid, Text } from '@mantine/core';
import type { Delivery, Stats } from '@postrider/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call, organizationPath, withQuery } from '../api/client.js';
import type { Page } from '../api/queries.js';
import { duration, Time } from '../parts/Time.js';
import { lagOf } from './lag.policy.js';

/** Of the newest deliveries: the counters know durations of attempts, not how long an event waited for its own. */
const newest = 100;

function useLag(org: string, webhookId: string | undefined) {
  return useQuery({
    queryKey: [org, 'lag', webhookId ?? null],
    queryFn: async () => {
      const path = withQuery(`${organizationPath(org)}/deliveries`, {
        WebhookId: webhookId,
        Status: 'Succeeded',
        Limit: newest,
      });
      return lagOf((await call<Page<Delivery>>('GET', path)).Data);
    },
    refetchInterval: 30_000,
  });
}

export function Figures({
  org,
  webhookId,
  stats,
}: {
  readonly org: string;
  readonly webhookId: string | undefined;
  readonly stats: Stats;
}) {
  const { data: lag } = useLag(org, webhookId);
  const { Pending, Held } = stats.Deliveries;
  const rate = stats.SuccessRate;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      <Figure
        name="Success rate"
        value={rate === null ? '–' : `${(rate * 100).toFixed(rate === 1 ? 0 : 2)} %`}
        about="of attempts"
      />
      <Figure name="Attempts" value={stats.Attempts.toLocaleString()} about="in this time" />
      <Figure
        name="Duration"
        value={duration(stats.DurationMs.P50)}
        about={`p95 ${duration(stats.DurationMs.P95)}, p99 ${duration(stats.DurationMs.P99)}`}
      />
      <Figure
        name="Event to receipt"
        value={lag == null ? '–' : duration(lag.p50)}
        about={lag == null ? 'nothing received yet' : `p95 ${duration(lag.p95)}, last ${lag.count} received`}
      />
      <Figure name="Pending" value={Pending.toLocaleString()} about="waiting for an attempt" />
      <Figure name="Held" value={Held.toLocaleString()} about="for paused webhooks" />
      <Figure
        name="Oldest pending"
        value={stats.OldestPendingAt === null ? 'none' : <Time at={stats.OldestPendingAt} ago />}
        about="event that waits longest"
      />
      <Figure
        name="Failed for good"
        value={stats.Deliveries.Failed.toLocaleString()}
        about="deliveries given up on"
      />
    </SimpleGrid>
  );
}

function Figure({
  name,
  value,
  about,
}: {
  readonly name: string;
  readonly value: ReactNode;
  readonly about: string;
}) {
  return (
    <Card withBorder padding="sm" bg="var(--card)">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text fw={650} fz="1.25rem" component="div">
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {about}
      </Text>
    </Card>
  );
}
