// The table: what is measured, the first bar and the goal. Absolute figures were set on a machine where the bare signed
// POST takes 31 µs of CPU; on a slower one they are judged in proportion, and shown as they are (docs/adr/0018).

export type MeasureId =
  | 'cpu'
  | 'cpu-of-peer'
  | 'drain'
  | 'fan-out'
  | 'lone-webhook'
  | 'steady-p50'
  | 'steady-p99'
  | 'http-door'
  | 'configured'
  | 'claim'
  | 'rss'
  | 'tls'
  | 'second-start'
  | 'loss';

export interface Bar {
  readonly id: MeasureId;
  readonly title: string;
  readonly unit: string;
  /** `rate`: per second, more is better. `time`: less is better. Both depend on the machine; `fixed` does not. */
  readonly kind: 'rate' | 'time' | 'fixed';
  readonly bar: number;
  readonly goal: number;
}

/** CPU of one bare signed POST where the bars were set, in µs. */
export const referenceRawUs = 31;

export const bars: readonly Bar[] = [
  {
    id: 'cpu',
    title: 'CPU per delivery, 20 webhooks, fan-out 1',
    unit: '× raw',
    kind: 'fixed',
    bar: 6,
    goal: 4,
  },
  {
    id: 'cpu-of-peer',
    title: 'the same against the best peer',
    unit: '× best peer',
    kind: 'fixed',
    bar: 1,
    goal: 0.5,
  },
  { id: 'drain', title: 'draining', unit: 'deliveries/s', kind: 'rate', bar: 6_000, goal: 12_000 },
  { id: 'fan-out', title: 'CPU per delivery, fan-out 100', unit: '× raw', kind: 'fixed', bar: 4, goal: 3 },
  {
    id: 'lone-webhook',
    title: 'one webhook alone',
    unit: 'deliveries/s',
    kind: 'rate',
    bar: 3_000,
    goal: 8_000,
  },
  {
    id: 'steady-p50',
    title: '300 events/s: publish to receipt, p50',
    unit: 'ms',
    kind: 'time',
    bar: 8,
    goal: 3,
  },
  {
    id: 'steady-p99',
    title: '300 events/s: publish to receipt, p99',
    unit: 'ms',
    kind: 'time',
    bar: 30,
    goal: 10,
  },
  {
    id: 'http-door',
    title: 'HTTP door, 64 clients',
    unit: 'events/s',
    kind: 'rate',
    bar: 3_000,
    goal: 8_000,
  },
  {
    id: 'configured',
    title: '10 to 100,000 webhooks configured (--quick: 20,000)',
    unit: '× cost',
    kind: 'fixed',
    bar: 1.3,
    goal: 1.1,
  },
  { id: 'claim', title: '1 M pending: claim, p99', unit: 'ms', kind: 'time', bar: 100, goal: 20 },
  { id: 'rss', title: '1 M pending: largest service', unit: 'MB', kind: 'fixed', bar: 300, goal: 200 },
  { id: 'tls', title: '1,000 TLS receivers, cold', unit: 'deliveries/s', kind: 'rate', bar: 100, goal: 300 },
  { id: 'second-start', title: 'second start of everything', unit: 's', kind: 'time', bar: 10, goal: 4 },
  { id: 'loss', title: 'deliveries lost in all runs', unit: '', kind: 'fixed', bar: 0, goal: 0 },
];

export interface Judged {
  readonly bar: Bar;
  readonly value: number;
  /** Bar and goal as this machine is judged by them. */
  readonly barHere: number;
  readonly goalHere: number;
  readonly verdict: 'goal' | 'bar' | 'missed';
  /** Whether the bar as it was set is reached, on this machine as it is. */
  readonly meetsAbsolute: boolean;
  /** Of the deliveries/s of the raw loop; null where it is no such figure. */
  readonly shareOfRaw: number | null;
}

export interface Machine {
  readonly rawUs: number;
  readonly rawPerSecond: number;
}

/** How much slower than the reference; never below 1: a fast machine makes no bar harder. */
export function slownessOf({ rawUs }: Machine): number {
  return Math.max(1, rawUs / referenceRawUs);
}

export function judge(bar: Bar, value: number, machine: Machine): Judged {
  const here = (limit: number): number => {
    if (bar.kind === 'rate') return limit / slownessOf(machine);
    return bar.kind === 'time' ? limit * slownessOf(machine) : limit;
  };
  const meets = (limit: number): boolean => (bar.kind === 'rate' ? value >= limit : value <= limit);
  const [barHere, goalHere] = [here(bar.bar), here(bar.goal)];
  return {
    bar,
    value,
    barHere,
    goalHere,
    verdict: meets(goalHere) ? 'goal' : meets(barHere) ? 'bar' : 'missed',
    meetsAbsolute: meets(bar.bar),
    shareOfRaw: bar.kind === 'rate' ? value / machine.rawPerSecond : null,
  };
}
