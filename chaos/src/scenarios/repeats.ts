// Every event published three times, through both doors: one delivery per webhook. And one node whose clock is ten
// minutes off: the database's clock decides.
import { lossProblems, pause, underLoad, type ChaosOptions, type Outcome } from '../scenario.js';

export async function everyEventThrice(options: ChaosOptions): Promise<Outcome> {
  const population = Array.from({ length: 5 }, () => ['healthy', 'slow'] as const);
  const { report } = await underLoad(options, { population, timesPublished: 3 }, () =>
    pause(options.seconds * 1000),
  );
  const problems = lossProblems(report);
  if (report.duplicates > 0) problems.push(`${report.duplicates} received more than once`);
  return { problems, figures: { ...report } };
}

/** Loaded before the service: its clock is `offMs` ahead. */
const skewed = (offMs: number): string =>
  `data:text/javascript,${encodeURIComponent(
    `const off=${offMs};const now=Date.now;Date.now=()=>now()+off;` +
      'const D=Date;globalThis.Date=class extends D{constructor(...a){if(a.length===0)super(D.now());else super(...a)}};',
  )}`;
const offMs = 600_000;

export async function clocksOff(options: ChaosOptions): Promise<Outcome> {
  const off = (ms: number) => ({ NODE_OPTIONS: `--import=${skewed(ms)}` });
  const system = { serviceEnv: { dispatcher: off(offMs), 'event-ingest': off(-offMs), signer: off(offMs) } };
  const population = Array.from({ length: 5 }, () => ['healthy', 'flaky'] as const);
  const { report } = await underLoad(options, { system, population }, () => pause(options.seconds * 1000));
  const problems = lossProblems(report);
  if (report.duplicates > 0) problems.push(`${report.duplicates} received twice`);
  return { problems, figures: { ...report } };
}
