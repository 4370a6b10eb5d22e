// A bar on a terminal; without one a line now and then, so that a log shows that it goes on.
import type { Output } from './output.js';

const barWidth = 30;

export class Progress {
  private lastTenth = -1;
  private shown = false;

  constructor(
    private readonly output: Output,
    private readonly what: string,
  ) {}

  show(done: number, total: number, more = ''): void {
    if (this.output.isJson) return;
    const share = total === 0 ? 1 : done / total;
    const text = `${this.what} ${done}/${total}${more === '' ? '' : `, ${more}`}`;
    if (this.output.isTerminal) {
      const filled = Math.round(share * barWidth);
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
      process.stderr.write(`\r\u001b[K${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${text}`);
      this.shown = true;
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.lastTenth) return;
    this.lastTenth = tenth;
    process.stderr.write(`${text}\n`);
  }

  end(): void {
    if (this.shown) process.stderr.write('\n');
    this.shown = false;
  }
}
