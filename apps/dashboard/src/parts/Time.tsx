import { Text, Tooltip, type TextProps } from '@mantine/core';

/** `14:03:21`, or with the day where that is not today. */
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

export function relativeTime(ms: number, nowMs = Date.now()): string {
  const distance = ms - nowMs;
  const [unit, size] = steps.find(([, step]) => Math.abs(distance) >= step) ?? ['second', 1_000];
  return relative.format(Math.round(distance / size), unit);
}

export function shortTime(ms: number, nowMs = Date.now()): string {
  const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  return (isToday ? clock : dayAndClock).format(ms);
}

export const localTime = (ms: number): string => local.format(ms);

/** A time as the clock on the wall shows it; UTC on hover. */
export function Time({
  at,
  ago = false,
  ...props
}: { readonly at: number | null; readonly ago?: boolean } & TextProps) {
  if (at === null) return <>–</>;
  const utc = new Date(at).toISOString();
  return (
    <Tooltip label={`${localTime(at)} · ${utc}`}>
      <Text component="time" dateTime={utc} inherit {...props}>
        {ago ? relativeTime(at) : localTime(at)}
      </Text>
    </Tooltip>
  );
}

export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
