// Keeps one process running: what dies is started again, at once the first time, slower when it keeps dying.
import { delay, tailOf } from './process.mjs';
import { say } from './say.mjs';

const memoryMs = 30_000;
const patience = 5;

/**
 * How long to wait before starting again, by the deaths within the last 30 s. One that had run for a while (somebody
 * kills it, or it hits a rare bug) waits a second at most; one that dies as it starts waits up to five.
 */
export function restartDelayMs(deaths, ranMs) {
  const slowestMs = ranMs >= 1_000 ? 1_000 : 5_000;
  return deaths === 1 ? 0 : Math.min(slowestMs, 250 * 2 ** (deaths - 1));
}

/** Resolves with how a process ended. */
const endOf = (child) =>
  child.exitCode ??
  child.signalCode ??
  new Promise((resolve) => child.once('exit', (code, by) => resolve(code ?? by)));

export class Supervised {
  #child = null;
  #deaths = [];
  #launching = Promise.resolve();
  #isStopping = false;

  /**
   * @param launch starts the process: `{ child, ready }`, where `ready` rejects when it dies before it is ready
   * @param end ends the process with the number it is given
   * @param onChange called whenever `pids` has changed
   */
  constructor({ name, logFile, launch, end, onChange }) {
    Object.assign(this, { name, logFile, launch, end, onChange });
  }

  get pids() {
    return this.#child ? [this.#child.pid] : [];
  }

  /** The first start: fails where it fails, without a second try. */
  async start() {
    void this.#watch(await this.#launch());
  }

  #launch() {
    const launching = this.#launchOnce();
    this.#launching = launching.catch(() => {});
    return launching;
  }

  async #launchOnce() {
    const { child, ready } = await this.launch();
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    this.onChange?.();
    await ready;
    return child;
  }

  async #watch(first) {
    for (let child = first; ;) {
      const readyAt = performance.now();
      const how = child ? await endOf(child) : 'before it was ready';
      if (this.#isStopping) return;
      const waitMs = this.#countDeath(how, child ? performance.now() - readyAt : 0);
      // A moment later there is a new number; only a longer absence is worth telling.
      if (waitMs >= 500) this.onChange?.();
      await delay(waitMs);
      if (this.#isStopping) return;
      child = await this.#launch().catch(() => null);
      if (child) say(`${this.name} runs again (process ${child.pid})`);
    }
  }

  #countDeath(how, ranMs) {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < memoryMs), now];
    const deaths = this.#deaths.length;
    const waitMs = restartDelayMs(deaths, ranMs);
    say(`${this.name} ended (${how}); starting it again${waitMs > 0 ? ` in ${waitMs / 1000} s` : ''}`);
    if (deaths === patience) {
      say(`${this.name} keeps ending. The end of ${this.logFile}:\n${tailOf(this.logFile)}`);
    }
    return waitMs;
  }

  /** Ends it for good; resolves when the process is gone. */
  async stop() {
    this.#isStopping = true;
    await this.#endChild();
    await this.#launching;
    await this.#endChild();
  }

  async #endChild() {
    const child = this.#child;
    if (!child) return;
    await this.end(child.pid);
    await endOf(child);
  }

  kill(signal) {
    this.#isStopping = true;
    this.#child?.kill(signal);
  }
}
