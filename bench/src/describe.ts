// One line about one load.
import type { LoadResult } from './measure-load.js';

export function describeLoad(title: string, result: LoadResult, rawUs: number): string {
  const parts = Object.entries(result.cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
  const trouble = [
    ...(result.lost > 0 ? [`LOST ${result.lost}`] : []),
    ...(result.duplicates > 0 ? [`twice ${result.duplicates}`] : []),
  ];
  // Whoever is measured with --against is anybody's processes.
  const cost =
    parts.length === 0
      ? ['CPU not measured: name its processes with --against-pids']
      : [
          `${result.totalUs.toFixed(0)} µs CPU per delivery`,
          `${(result.totalUs / rawUs).toFixed(1)} × raw (${parts.join(', ')})`,
        ];
  return [`  ${title}: ${cost.join(', ')}`, `${result.perSecond.toFixed(0)}/s`, ...trouble].join(', ');
}
