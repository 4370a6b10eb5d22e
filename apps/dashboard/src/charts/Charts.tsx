import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Button, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import type { Stats } from '@postrider/contracts';
import { useState, type ReactNode } from 'react';
import { useStats } from '../api/queries.js';
import { Loading, Problem } from '../parts/Feedback.js';
import { Time } from '../parts/Time.js';
import { Figures } from './Figures.js';

const minuteMs = 60_000;

type Point = {
  readonly At: number;
  readonly Time: string;
  readonly Received: number;
  readonly Failed: number;
  readonly P50: number | null;
  readonly P95: number | null;
  readonly P99: number | null;
};

function pointsOf(stats: Stats, hours: number): Point[] {
  const format = new Intl.DateTimeFormat(
    undefined,
    hours > 24 ? { dateStyle: 'short', timeStyle: 'short' } : { timeStyle: 'short' },
  );
  const widthMs = Math.max(minuteMs, (stats.Buckets[1]?.At ?? 0) - (stats.Buckets[0]?.At ?? 0));
  const perMinute = (count: number): number => Math.round((count / (widthMs / minuteMs)) * 100) / 100;
  return stats.Buckets.map(({ At, Succeeded, Failed, P50, P95, P99 }) => ({
    At,
    Time: format.format(At),
    Received: perMinute(Succeeded),
    Failed: perMinute(Failed),
    P50,
    P95,
    P99,
  }));
}

export function Charts({ org, webhookId }: { readonly org: string; readonly webhookId?: string }) {
  const [hours, setHours] = useState(24);
  const { data, error, refetch } = useStats(org, { webhookId, hours });
  return (
    <Stack>
      <SegmentedControl
        aria-label="Time range"
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: '1', label: '1 hour' },
          { value: '24', label: '24 hours' },
          { value: '168', label: '7 days' },
        ]}
        value={String(hours)}
        onChange={(value) => setHours(Number(value))}
      />
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data === undefined ? null : (
        <>
          <Figures org={org} webhookId={webhookId} stats={data} />
          <Graphs stats={data} hours={hours} />
        </>
      )}
    </Stack>
  );
}

function Graphs({ stats, hours }: { readonly stats: Stats; readonly hours: number }) {
  const points = pointsOf(stats, hours);
  return (
    <>
      <Chart title="Attempts per minute" points={points} columns={['Received', 'Failed']}>
        <BarChart
          h={240}
          data={points}
          dataKey="Time"
          type="stacked"
          withLegend
          barProps={{ isAnimationActive: false, maxBarSize: 28 }}
          xAxisProps={{ interval: 'equidistantPreserveStart', minTickGap: 32 }}
          series={[
            { name: 'Received', color: 'var(--good)' },
            { name: 'Failed', color: 'var(--bad)' },
          ]}
        />
      </Chart>
      <Chart title="Duration in ms" points={points} columns={['P50', 'P95', 'P99']}>
        <LineChart
          h={240}
          data={points}
          dataKey="Time"
          withLegend
          connectNulls
          lineProps={{ isAnimationActive: false }}
          xAxisProps={{ interval: 'equidistantPreserveStart', minTickGap: 32 }}
          series={[
            { name: 'P50', color: 'var(--good)' },
            { name: 'P95', color: 'var(--wait)', strokeDasharray: '6 3' },
            { name: 'P99', color: 'var(--bad)', strokeDasharray: '2 3' },
          ]}
        />
      </Chart>
    </>
  );
}

/** A picture, and the same as a table for who can't see it or wants the figures. */
function Chart({
  title,
  points,
  columns,
  children,
}: {
  readonly title: string;
  readonly points: readonly Point[];
  readonly columns: readonly (keyof Point)[];
  readonly children: ReactNode;
}) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Card withBorder bg="var(--card)" component="section" aria-label={title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Button size="xs" variant="default" onClick={() => setAsTable((shown) => !shown)}>
          {asTable ? 'Show the chart' : 'Show as a table'}
        </Button>
      </Group>
      {points.length === 0 ? <Text c="dimmed">Nothing was sent in this time.</Text> : null}
      {asTable ? <PointTable points={points} columns={columns} /> : points.length === 0 ? null : children}
    </Card>
  );
}

function PointTable({
  points,
  columns,
}: {
  readonly points: readonly Point[];
  readonly columns: readonly (keyof Point)[];
}) {
  return (
    <Table.ScrollContainer minWidth={300} mah={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {['Time', ...columns].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.map((point) => (
            <Table.Tr key={point.At}>
              <Table.Td>
                <Time at={point.At} />
              </Table.Td>
              {columns.map((name) => (
                <Table.Td key={name}>{String(point[name] ?? '–')}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
