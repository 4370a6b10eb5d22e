// Two readers: people (tables, colours where a terminal shows them) and programs (--json: JSON on stdout and nothing else).
import { wantsColor } from './config.js';
import { exitCodeOf, explain } from './errors.js';

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof codes;

export class Output {
  readonly isTerminal = process.stderr.isTTY;
  private readonly hasColor = process.stdout.isTTY && wantsColor();

  constructor(readonly isJson: boolean) {}

  /** The result: as JSON, or as `text` makes it for people. */
  result(value: unknown, text: () => string): void {
    process.stdout.write(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
  }

  /** One of many results as they come: a line of JSON, or a line of text. */
  event(value: unknown, text: () => string): void {
    process.stdout.write(`${this.isJson ? JSON.stringify(value) : text()}\n`);
  }

  /** Beside the result: what is going on. Not for programs. */
  note(text: string): void {
    if (!this.isJson) process.stderr.write(`${text}\n`);
  }

  /** Prints why the command ends, and answers its exit code. */
  error(error: unknown): number {
    const explanation = explain(error);
    if (this.isJson) {
      process.stderr.write(`${JSON.stringify({ Error: explanation })}\n`);
    } else {
      const lines = [`error: ${explanation.Message}`, ...explanation.Fields.map((field) => `  ${field}`)];
      if (explanation.Hint !== null) lines.push(explanation.Hint);
      process.stderr.write(`${lines.join('\n')}\n`);
    }
    return exitCodeOf(error);
  }

  paint(style: Style, text: string): string {
    return this.hasColor ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
  }

  status(status: string): string {
    const style = statusStyles[status];
    return style === undefined ? status : this.paint(style, status);
  }
}

const statusStyles: Readonly<Record<string, Style>> = {
  Succeeded: 'green',
  Failed: 'red',
  Pending: 'yellow',
  Held: 'yellow',
  Cancelled: 'dim',
  enabled: 'green',
  paused: 'yellow',
  disabled: 'red',
  ok: 'green',
  wrong: 'red',
  unsure: 'yellow',
};

// Colours take no width.
const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const width = (text: string): number => [...text.replaceAll(colours, '')].length;

/** Columns beside each other, the first row being their names. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values below each other; null is a dash. */
export function fields(values: Readonly<Record<string, unknown>>): string {
  const shown = (value: unknown): string =>
    value === null || value === undefined
      ? '-'
      : typeof value === 'string'
        ? printable(value)
        : JSON.stringify(value);
  return table(Object.entries(values).map(([name, value]) => [`${name}:`, shown(value)]));
}

/** What others wrote must not move the cursor or change colours: control characters are shown as escapes. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export const time = (epochMs: number | null): string =>
  epochMs === null ? '-' : new Date(epochMs).toISOString().replace('T', ' ').slice(0, 19);
