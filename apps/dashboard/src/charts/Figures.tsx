import { Card, SimpleGrid, Text } from '@mantine/core';
import type { Stats } from '@postrider/contracts';
import type { ReactNode } from 'react';
import { duration, Time } from '../parts/Time.js';

export function Figures({ stats }: { readonly stats: Stats }) {
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
        about={quantilesText(stats.DurationMs)}
      />
      <Figure name="Event to receipt" value={duration(stats.LagMs.P50)} about={quantilesText(stats.LagMs)} />
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

function quantilesText({ P95, P99 }: Stats['LagMs']): string {
  return P99 === null ? 'nothing in this time' : `p95 ${duration(P95)}, p99 ${duration(P99)}`;
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
