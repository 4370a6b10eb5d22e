// What the person at the terminal reads: lines that stay, and one line of progress.
export interface Say {
  line(text: string): void;
  progress(text: string): void;
}

const startedMs = performance.now();
const isTerminal = process.stdout.isTTY;
/** Where lines can't be written over, in a log, one is enough now and then. */
const everyMs = 10_000;
let progressAtMs = startedMs;

const print = (text: string): void => {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${text}`);
};

export const say: Say = {
  line: (text) => {
    if (isTerminal) process.stdout.write('\r\x1b[K');
    print(`${text}\n`);
    progressAtMs = performance.now();
  },
  progress: (text) => {
    if (isTerminal) process.stdout.write(`\r\x1b[K${text}`);
    else if (performance.now() - progressAtMs > everyMs) {
      progressAtMs = performance.now();
      print(`  … ${text}\n`);
    }
  },
};
