// Looks after the master keys while the signer runs: do they fit, and is anything left to rewrap.
import type { Logger } from '@postrider/runtime';
import type { Pool } from 'pg';
import type { MasterKeys } from '../shared/master-keys.js';
import { checkKeys } from './check-keys.js';
import { rewrapSecrets } from './rewrap-secrets.js';

const retryMs = 1_000;
const recheckMs = 300_000;
const rewrapEveryMs = 3_600_000;

export class KeyKeeper {
  private readonly timers: NodeJS.Timeout[] = [];
  private stopping = false;
  private wrong: string | null = 'the keys have not been tried on the database yet';

  constructor(
    private readonly pool: Pool,
    private readonly keys: MasterKeys,
    private readonly logger: Logger,
  ) {}

  /** Why no request is taken, or null; for readiness. */
  get reason(): string | null {
    return this.wrong;
  }

  /** Resolves once the keys have been found to fit (true), or when stopped (false). */
  async start(): Promise<boolean> {
    while (!this.stopping && !(await this.check())) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    if (this.stopping) return false;
    this.every(recheckMs, () => this.check());
    this.every(rewrapEveryMs, () => this.rewrap());
    void this.rewrap();
    return true;
  }

  stop(): void {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
  }

  private every(ms: number, run: () => Promise<unknown>): void {
    const timer = setInterval(() => void run(), ms);
    timer.unref();
    this.timers.push(timer);
  }

  private async check(): Promise<boolean> {
    const before = this.wrong;
    try {
      this.wrong = await checkKeys(this.pool, this.keys);
    } catch (error) {
      // The database is away: what was found last still holds, and its own check says that it is away.
      if (before !== null) this.logger.warn({ error }, 'keys.not.checked');
      return false;
    }
    if (this.wrong !== null && this.wrong !== before) {
      this.logger.error({ reason: this.wrong }, 'keys.do.not.fit');
    }
    return this.wrong === null;
  }

  private async rewrap(): Promise<void> {
    try {
      const done = await rewrapSecrets(this.pool, this.keys, () => this.stopping);
      if (done.unopened > 0) this.logger.error(done, 'secrets.rewrapped');
      else if (done.rewrapped > 0) this.logger.info(done, 'secrets.rewrapped');
    } catch (error) {
      this.logger.warn({ error }, 'secrets.not.rewrapped');
    }
  }
}
