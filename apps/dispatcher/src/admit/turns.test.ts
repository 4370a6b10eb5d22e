import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { closeStages, countByWebhook, makeStage, submitMany, takeTime } from '../../test/admission-stage.js';
import { makeWebhook } from '../../test/makers.js';
import type { AdmittedTask } from '../task.js';

beforeEach(takeTime);
afterEach(closeStages);

describe('turns', () => {
  test('webhooks take turns: a long queue does not stand before a short one', () => {
    const stage = makeStage(1);
    const [long, short, other] = [makeWebhook(), makeWebhook(), makeWebhook()];
    submitMany(stage, long, 100);
    submitMany(stage, short, 3);
    submitMany(stage, other, 3);
    stage.started.splice(1);
    for (let turn = 0; turn < 9; turn += 1) {
      stage.admission.finish(stage.started.at(-1) as AdmittedTask, 'answered');
    }
    const next = stage.started.slice(1);
    expect([long, short, other].map((webhook) => countByWebhook(next, webhook))).toEqual([3, 3, 3]);
  });

  test('one whose receiver hangs holds up nobody else', () => {
    const stage = makeStage(100);
    const [hanging, healthy] = [makeWebhook(), makeWebhook()];
    submitMany(stage, hanging, 50);
    for (let turn = 0; turn < 100; turn += 1) {
      jest.advanceTimersByTime(10);
      const before = stage.started.length;
      submitMany(stage, healthy, 1);
      expect(stage.started.length).toBe(before + 1);
      stage.admission.finish(stage.started.at(-1) as AdmittedTask, 'answered');
    }
    expect(countByWebhook(stage.started, hanging)).toBe(16);
  });
});
