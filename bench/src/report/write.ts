// Results as files: NAME.json with everything, NAME.md to read, and the plots beside it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Description } from '../machine.js';
import { markdownTable } from './table.js';

export interface Report {
  readonly name: string;
  readonly title: string;
  /** The command that repeats it. */
  readonly command: string;
  readonly machine: Description;
  /** Paragraphs, tables and plots of Markdown. */
  readonly sections: readonly string[];
  readonly results: unknown;
  /** By the part of their names after `NAME-`. */
  readonly plots: Readonly<Record<string, string>>;
}

export const plotLink = (report: string, plot: string, alt: string): string =>
  `![${alt}](${report}-${plot}.svg)`;

/** Six digits tell more than was measured. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

export function writeReport(folder: string, report: Report): void {
  const { name, title, command, machine, sections, results, plots } = report;
  mkdirSync(folder, { recursive: true });
  const measuredAt = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const described = markdownTable(['', ''], Object.entries(machine));
  const intro = `\`${command}\`, ${measuredAt} UTC. Generated; [how to read and repeat it](../README.md).`;
  const markdown = [`# ${title}`, intro, ...sections, '## The machine', described].join('\n\n');
  writeFileSync(join(folder, `${name}.md`), `${markdown}\n`);
  const whole = {
    Title: title,
    Command: command,
    MeasuredAt: measuredAt,
    Machine: machine,
    Results: results,
  };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(whole, rounded, 2)}\n`);
  for (const [plot, svg] of Object.entries(plots)) writeFileSync(join(folder, `${name}-${plot}.svg`), svg);
}
