import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { closeStages, makeStage, submitMany, takeTime } from '../../test/admission-stage.js';
import { makeWebhook } from '../../test/makers.js';
import type { AdmittedTask } from '../task.js';

beforeEach(takeTime);
afterEach(closeStages);

describe('parking', () => {
  test('a full queue parks what comes on top', () => {
    const stage = makeStage();
    submitMany(stage, makeWebhook(), 16 + 320);
    expect(stage.parked).toEqual([]);
    const extra = submitMany(stage, stage.started[0]?.webhook as AdmittedTask['webhook'], 2);
    expect(stage.parked.map(({ admitted }) => admitted)).toEqual(extra);
    expect(stage.parked[0]?.delayMs).toBe(1_000);
  });

  test('where memory is plenty more may wait, and a claim brings no more for it', () => {
    let patience = 3_000;
    const stage = makeStage(1_000, undefined, { patienceMs: () => patience });
    const webhook = makeWebhook();
    submitMany(stage, webhook, 16 + 3 * 320);
    expect([stage.parked.length, stage.admission.room(webhook.Id)]).toEqual([0, 0]);
    submitMany(stage, webhook, 1);
    expect(stage.parked).toHaveLength(1);
    patience = 1_000;
    jest.advanceTimersByTime(250);
    expect(stage.admission.waiting).toBeLessThanOrEqual(320);
  });

  test('a receiver that stops answering: what waits is parked, the newest first, but for a few', () => {
    const stage = makeStage();
    const all = submitMany(stage, makeWebhook(), 16 + 100);
    jest.advanceTimersByTime(1_000);
    expect(stage.admission.waiting).toBe(16);
    jest.advanceTimersByTime(4_000);
    expect(stage.admission.waiting).toBe(4);
    expect(stage.parked).toHaveLength(96);
    expect(new Set(stage.parked.map(({ admitted }) => admitted))).toEqual(new Set(all.slice(20)));
    for (const { delayMs } of stage.parked) expect(delayMs).toBeGreaterThanOrEqual(1_000);
  });

  test('a claim that keeps to the room is not parked', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    submitMany(stage, webhook, stage.admission.room(webhook.Id));
    submitMany(stage, webhook, stage.admission.room(webhook.Id));
    expect(stage.parked).toEqual([]);
    expect(stage.admission.room(webhook.Id)).toBe(0);
  });
});
