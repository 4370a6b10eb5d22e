// The table of measures, for the terminal and for Markdown: measured, bar, goal, the same as this machine is judged.
import { referenceRawUs, slownessOf, type Judged, type Machine } from '../bars.js';

const verdicts = { goal: 'goal reached', bar: 'above the bar', missed: 'MISSED' } as const;

export const tableHead = ['measure', 'measured', 'bar', 'goal', 'bar, goal here', 'share of raw', 'verdict'];

export function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

export function tableRow(judged: Judged): string[] {
  const { bar, value, barHere, goalHere, verdict, meetsAbsolute, shareOfRaw } = judged;
  const sign = bar.kind === 'rate' ? '≥' : '≤';
  const isScaled = barHere !== bar.bar;
  const note = isScaled && verdict !== 'missed' && !meetsAbsolute ? ', here only' : '';
  return [
    bar.title,
    `${format(value)} ${bar.unit}`.trim(),
    `${sign} ${format(bar.bar)}`,
    `${sign} ${format(bar.goal)}`,
    isScaled ? `${sign} ${format(barHere)}, ${sign} ${format(goalHere)}` : 'the same',
    shareOfRaw === null ? '' : `${(shareOfRaw * 100).toFixed(0)} %`,
    `${verdicts[verdict]}${note}`,
  ];
}

/** Why there are two bars. */
export function explainMachine(machine: Machine): string {
  const slowness = slownessOf(machine);
  return (
    `A bare signed POST takes ${machine.rawUs.toFixed(0)} µs of CPU here (${machine.rawPerSecond.toFixed(0)}/s with 64 at a time), ` +
    `${referenceRawUs} µs where the bars were set: rates and times are judged ${slowness.toFixed(1)} × milder, and shown as they are. ` +
    `"Here only": the bar as it was set is missed. Ratios, memory and loss are judged as they are.`
  );
}

export function plainTable(rows: readonly (readonly string[])[]): string {
  const all = [tableHead, ...rows];
  const widths = tableHead.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
