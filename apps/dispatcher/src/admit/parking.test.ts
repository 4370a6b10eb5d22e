import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { closeStages, makeStage, submitMany, takeTime } from '../../test/admission-stage.js';
import { makeWebhook } from '../../test/makers.js';
import type { AdmittedTask } from '../task.js';

const claimed = { isClaimed: true };

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

  test('where memory is plenty more may wait, and a claim brings no more for it than its own part', () => {
    let patience = 3_000;
    const stage = makeStage(1_000, undefined, { patienceMs: () => patience });
    const webhook = makeWebhook();
    submitMany(stage, webhook, 16 + 3 * 320);
    expect([stage.parked.length, stage.admission.room(webhook.Id)]).toEqual([0, 32]);
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

  test('where new events fill all places, what was parked has its turns all the same', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    submitMany(stage, webhook, 16 + 320);
    const old = submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
    expect(old).toHaveLength(32);
    expect([stage.parked.length, stage.admission.room(webhook.Id)]).toEqual([0, 0]);
    // More new ones than are sent, all the time.
    for (let turn = 0; turn < 400; turn += 1) {
      const first = stage.started[turn];
      if (first !== undefined) stage.admission.finish(first, 'received');
      submitMany(stage, webhook, 4);
    }
    expect(old.filter((admitted) => stage.started.includes(admitted))).toHaveLength(32);
    expect(stage.parked.filter(({ admitted }) => old.includes(admitted))).toEqual([]);
    expect(stage.admission.room(webhook.Id)).toBeGreaterThan(0);
  });

  test('at a webhook of one a second, what was parked goes in turns with what is new', () => {
    const stage = makeStage(1_000, (admitted, admission) => {
      queueMicrotask(() => admission.finish(admitted, 'received'));
    });
    const webhook = makeWebhook({ RateLimitPerSecond: 1 });
    for (let second = 0; second < 20; second += 1) {
      submitMany(stage, webhook, 2);
      submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
      jest.advanceTimersByTime(1_000);
    }
    const old = stage.started.filter(({ task }) => task.isClaimed).length;
    expect(stage.started.length).toBeGreaterThanOrEqual(19);
    expect(old).toBeGreaterThanOrEqual(stage.started.length / 3);
    expect(old).toBeLessThanOrEqual((stage.started.length * 2) / 3);
  });

  test('a claim that keeps to the room is not parked', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
    submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
    expect(stage.parked).toEqual([]);
    expect(stage.admission.room(webhook.Id)).toBe(0);
  });
});
