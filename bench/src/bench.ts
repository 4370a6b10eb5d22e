// What the scenarios of a run share: one receiver, one Postrider (started when first needed), the raw limit, the loss.
import { startPostgres, type TestPostgres } from '@postrider/test-kit';
import type { AgainstOptions } from './against.js';
import type { Machine, MeasureId } from './bars.js';
import { Child } from './child.js';
import type { Contender } from './contender.js';
import { measureLoad, type Load, type LoadResult } from './measure-load.js';
import type { RawLimit } from './order.js';
import { Postrider, type Population } from './postrider.js';
import type { Say } from './say.js';
import type { Sizes } from './sizes.js';
import { median } from './statistics.js';

export interface BenchOptions {
  readonly sizes: Sizes;
  readonly against: AgainstOptions | null;
  readonly say: Say;
}

/** What a scenario found: the measures of the table, and whatever else it saw. */
export interface Findings {
  readonly measures: Partial<Record<MeasureId, number>>;
  readonly details: Readonly<Record<string, unknown>>;
}

export type Scenario = (bench: Bench) => Promise<Findings>;

export class Bench {
  private readonly raws: RawLimit[] = [];
  private running: Promise<Postrider> | undefined;
  private drained: Promise<Population> | undefined;
  private spare: Promise<TestPostgres> | undefined;
  private missing = 0;

  private constructor(
    readonly options: BenchOptions,
    readonly receiver: Child,
  ) {}

  static async open(options: BenchOptions): Promise<Bench> {
    return new Bench(options, await Child.start('receiver'));
  }

  get sizes(): Sizes {
    return this.options.sizes;
  }

  get say(): Say {
    return this.options.say;
  }

  get lost(): number {
    return this.missing;
  }

  /** By the median of all raw rounds. */
  get machine(): Machine {
    return {
      rawUs: median(this.raws.map((raw) => raw.cpuUs)),
      rawPerSecond: median(this.raws.map((raw) => raw.perSecond)),
    };
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.receiver.hello as number}/${path}`;
  }

  /** The Postrider that most scenarios share. */
  postrider(): Promise<Postrider> {
    this.running ??= Postrider.start();
    return this.running;
  }

  /** Nothing of it runs beside what comes next, which gets another one should it need one. */
  async dropPostrider(): Promise<void> {
    const running = await this.running;
    this.running = undefined;
    this.drained = undefined;
    await running?.stop();
  }

  /** Its twenty organizations with one webhook each. */
  async twenty(): Promise<Contender> {
    const postrider = await this.postrider();
    this.drained ??= postrider.populate(Array.from({ length: 20 }, (_, n) => [this.url(`w/${n}`)]));
    return postrider.as(await this.drained);
  }

  /** A PostgreSQL with the settings of Postrider's, for the peers. */
  sparePostgres(): Promise<TestPostgres> {
    this.spare ??= startPostgres();
    return this.spare;
  }

  /** A bare loop of signed POSTs, now: the machine changes from minute to minute. */
  async raw(count = this.sizes.rawPosts): Promise<RawLimit> {
    const child = await Child.start('raw-limit', { url: this.url('raw'), count, bytes: this.sizes.bytes });
    const limit = await child.ask<RawLimit>('go');
    await child.stop();
    this.raws.push(limit);
    return limit;
  }

  async load(contender: Contender, load: Load, receiver = this.receiver): Promise<LoadResult> {
    contender.wake?.();
    const result = await measureLoad(contender, receiver, load, this.say).finally(() => contender.rest?.());
    if (contender.title === 'Postrider') this.missing += result.lost;
    return result;
  }

  async close(): Promise<void> {
    await (await this.running?.catch(() => undefined))?.stop();
    await (await this.spare?.catch(() => undefined))?.stop();
    await this.receiver.stop();
  }
}
