import type { Stats } from '@postrider/contracts';

const bars = 24;
const width = 120;
const height = 28;

/** Attempts of the last 24 hours by hour: received below, failed on top of them. */
export function Sparkline({ stats }: { readonly stats: Stats }) {
  const hours = Array.from({ length: bars }, () => ({ good: 0, bad: 0 }));
  const stepMs = (stats.To - stats.From) / bars || 1;
  for (const { At, Succeeded, Failed } of stats.Buckets) {
    const hour = hours[Math.min(bars - 1, Math.max(0, Math.floor((At - stats.From) / stepMs)))];
    if (hour === undefined) continue;
    hour.good += Succeeded;
    hour.bad += Failed;
  }
  const top = Math.max(1, ...hours.map(({ good, bad }) => good + bad));
  const total = hours.reduce((sum, hour) => sum + hour.good + hour.bad, 0);
  const failed = hours.reduce((sum, { bad }) => sum + bad, 0);
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      role="img"
      aria-label={`${total} attempts in 24 hours, ${failed} of them failed`}
    >
      {hours.map(({ good, bad }, index) => {
        const x = (index * width) / bars;
        const goodHeight = (good / top) * height;
        const badHeight = (bad / top) * height;
        return (
          <g key={x}>
            <rect
              data-outcome="good"
              x={x}
              width={width / bars - 1}
              y={height - goodHeight}
              height={goodHeight}
            />
            <rect
              data-outcome="bad"
              x={x}
              width={width / bars - 1}
              y={height - goodHeight - badHeight}
              height={badHeight}
            />
          </g>
        );
      })}
      <rect x={0} y={height - 1} width={width} height={1} fill="currentColor" opacity={0.25} />
    </svg>
  );
}
