// The stage that admits deliveries, in memory: what it starts, parks and drops is kept for the test to look at.
import { jest } from '@jest/globals';
import { Admission, type AdmissionOptions } from '../src/admit/admission.js';
import type { AdmittedTask } from '../src/task.js';
import { makeAdmitted, makeWebhook } from './makers.js';

export interface Stage {
  readonly admission: Admission;
  readonly started: AdmittedTask[];
  readonly parked: { readonly admitted: AdmittedTask; readonly delayMs: number }[];
  readonly dropped: AdmittedTask[];
}

const stages: Admission[] = [];

export function makeStage(
  maxInFlight = 1_000,
  onStart: (admitted: AdmittedTask, admission: Admission) => void = () => undefined,
  limits: Partial<AdmissionOptions> = {},
): Stage {
  const started: AdmittedTask[] = [];
  const parked: Stage['parked'][number][] = [];
  const dropped: AdmittedTask[] = [];
  const admission: Admission = new Admission({
    maxInFlight,
    dispatchers: () => 1,
    maxPerOrganization: maxInFlight,
    maxPerOrigin: 256,
    originOf: () => null,
    patienceMs: () => 1_000,
    now: Date.now,
    random: () => 0.5,
    isLeaseGood: ({ task, webhook }) => task.leaseUntil - Date.now() >= webhook.TimeoutSeconds * 1000,
    start: (admitted) => {
      started.push(admitted);
      onStart(admitted, admission);
    },
    park: (admitted, delayMs) => parked.push({ admitted, delayMs }),
    drop: (admitted) => dropped.push(admitted),
    ...limits,
  });
  stages.push(admission);
  return { admission, started, parked, dropped };
}

export const submitMany = (
  { admission }: Stage,
  webhook: AdmittedTask['webhook'],
  count: number,
  task: Partial<AdmittedTask['task']> = {},
): AdmittedTask[] => {
  const all = Array.from({ length: count }, () => makeAdmitted(webhook, task));
  for (const admitted of all) admission.submit(admitted);
  return all;
};
export const countByWebhook = (admitted: readonly AdmittedTask[], webhook: AdmittedTask['webhook']): number =>
  admitted.filter(({ task }) => task.webhookId === webhook.Id).length;

/** The origin of all webhooks has received something. */
export function confirm(stage: Stage): void {
  submitMany(stage, makeWebhook(), 1);
  for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'received');
}

/** The stage paces itself by timers and the clock: both are the test's. */
export function takeTime(): void {
  jest.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
}

export function closeStages(): void {
  for (const admission of stages.splice(0)) admission.close();
  jest.useRealTimers();
}
