// One line about one load.
import type { LoadResult } from './measure-load.js';

export function describeLoad(title: string, result: LoadResult, rawUs: number): string {
  const parts = Object.entries(result.cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
  const trouble = [
    ...(result.lost > 0 ? [`LOST ${result.lost}`] : []),
    ...(result.duplicates > 0 ? [`twice ${result.duplicates}`] : []),
  ];
  return [
    `  ${title}: ${result.totalUs.toFixed(0)} µs CPU per delivery`,
    `${(result.totalUs / rawUs).toFixed(1)} × raw (${parts.join(', ')})`,
    `${result.perSecond.toFixed(0)}/s`,
    ...trouble,
  ].join(', ');
}
