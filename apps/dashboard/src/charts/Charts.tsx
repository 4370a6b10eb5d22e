import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { SegmentedControl, Stack } from '@mantine/core';
import type { Stats } from '@postrider/contracts';
import { useState } from 'react';
import { useStats } from '../api/queries.js';
import { Loading, Problem } from '../parts/Feedback.js';
import { duration } from '../parts/Time.js';
import { Chart } from './Chart.js';
import { decadesUpTo } from './decades.policy.js';
import { Figures } from './Figures.js';

const minuteMs = 60_000;
const timeAxis = { interval: 'equidistantPreserveStart', minTickGap: 32 } as const;

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
          <Figures stats={data} />
          <Graphs stats={data} hours={hours} />
        </>
      )}
    </Stack>
  );
}

function Graphs({ stats, hours }: { readonly stats: Stats; readonly hours: number }) {
  const format = new Intl.DateTimeFormat(
    undefined,
    hours > 24 ? { dateStyle: 'short', timeStyle: 'short' } : { timeStyle: 'short' },
  );
  const moments = stats.Buckets.map((bucket) => ({ ...bucket, Time: format.format(bucket.At) }));
  const widthMs = Math.max(minuteMs, (stats.Buckets[1]?.At ?? 0) - (stats.Buckets[0]?.At ?? 0));
  return (
    <>
      <RateChart moments={moments} minutes={widthMs / minuteMs} />
      <QuantileChart title="Duration of attempts" moments={moments} />
      <QuantileChart
        title="Event to receipt"
        about="From when an event was accepted until it was received, with all retries and pauses."
        moments={moments.map(({ At, Time, LagMs }) => ({ At, Time, ...LagMs }))}
      />
    </>
  );
}

/** Of a bucket; `Time` as the axis shows it. */
interface Moment {
  readonly At: number;
  readonly Time: string;
}

function RateChart({
  moments,
  minutes,
}: {
  readonly moments: readonly (Moment & Pick<Stats['Buckets'][number], 'Succeeded' | 'Failed'>)[];
  /** Of a bucket. */
  readonly minutes: number;
}) {
  const perMinute = (count: number): number => Math.round((count / minutes) * 100) / 100;
  const rates = moments.map(({ At, Time, Succeeded, Failed }) => ({
    At,
    Time,
    Received: perMinute(Succeeded),
    Failed: perMinute(Failed),
  }));
  return (
    <Chart
      title="Attempts per minute"
      head={['Received', 'Failed']}
      rows={rates.map(({ At, Received, Failed }) => ({ at: At, cells: [Received, Failed] }))}
    >
      <BarChart
        h={240}
        data={rates}
        dataKey="Time"
        type="stacked"
        withLegend
        barProps={{ isAnimationActive: false, maxBarSize: 28 }}
        xAxisProps={timeAxis}
        series={[
          { name: 'Received', color: 'var(--good)' },
          { name: 'Failed', color: 'var(--bad)' },
        ]}
      />
    </Chart>
  );
}

/** On a logarithmic scale: a single retry would press all else to the ground. */
function QuantileChart({
  title,
  about,
  moments,
}: {
  readonly title: string;
  readonly about?: string;
  readonly moments: readonly (Moment & Stats['LagMs'])[];
}) {
  // A line needs two moments: where there are few, each has a dot.
  const hasFew = moments.filter(({ P50 }) => P50 !== null).length < 24;
  const ticks = decadesUpTo(Math.max(1, ...moments.map(({ P99 }) => P99 ?? 0)));
  return (
    <Chart
      title={title}
      about={about}
      head={['P50', 'P95', 'P99']}
      rows={moments.map(({ At, P50, P95, P99 }) => ({ at: At, cells: [P50, P95, P99].map(duration) }))}
    >
      <LineChart
        h={240}
        data={moments.map(({ Time, P50, P95, P99 }) => ({ Time, P50, P95, P99 }))}
        dataKey="Time"
        withLegend
        connectNulls
        curveType="linear"
        withDots={hasFew}
        lineProps={{ isAnimationActive: false }}
        xAxisProps={timeAxis}
        yAxisProps={{ scale: 'log', domain: [1, ticks.at(-1) ?? 1], ticks }}
        valueFormatter={duration}
        series={[
          { name: 'P50', color: 'var(--good)' },
          { name: 'P95', color: 'var(--wait)', strokeDasharray: '6 3' },
          { name: 'P99', color: 'var(--bad)', strokeDasharray: '2 3' },
        ]}
      />
    </Chart>
  );
}
