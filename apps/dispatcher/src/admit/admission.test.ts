import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  closeStages,
  confirm,
  countByWebhook,
  makeStage,
  submitMany,
  takeTime,
} from '../../test/admission-stage.js';
import { makeAdmitted, makeWebhook } from '../../test/makers.js';
import type { AdmittedTask } from '../task.js';

const claimed = { isClaimed: true };

beforeEach(takeTime);
afterEach(closeStages);

describe('caps', () => {
  test('a new webhook begins with 16 at a time; the others wait and follow one by one', () => {
    const stage = makeStage();
    const all = submitMany(stage, makeWebhook(), 20);
    expect(stage.started).toEqual(all.slice(0, 16));
    expect([stage.admission.inFlight, stage.admission.waiting, stage.admission.held]).toEqual([16, 4, 20]);
    jest.advanceTimersByTime(5_000);
    // Answers that slow don't raise the cap.
    stage.admission.finish(all[0] as AdmittedTask, 'answered');
    expect(stage.started).toEqual(all.slice(0, 17));
  });

  test('the bytes of what is held count until it has ended, is parked, dropped or handed back', () => {
    const patience: number[][] = [];
    const stage = makeStage(1_000, undefined, {
      patienceMs: (held, bytes) => {
        patience.push([held, bytes]);
        return 1_000;
      },
    });
    const one = makeAdmitted(makeWebhook()).task.event.bodyPrefix.length;
    const webhook = makeWebhook();
    const all = submitMany(stage, webhook, 20);
    expect(stage.admission.heldBytes).toBe(20 * one);
    expect(patience.at(-1)).toEqual([19, 19 * one]);
    stage.admission.finish(all[0] as AdmittedTask, 'received');
    stage.admission.withdraw(all[1] as AdmittedTask);
    expect(stage.admission.heldBytes).toBe(18 * one);
    // What still waits stands still with the requests under way, and is parked by the sweep.
    jest.advanceTimersByTime(20_000);
    expect(stage.parked.length + stage.dropped.length).toBeGreaterThan(0);
    expect(stage.admission.heldBytes).toBe(stage.admission.held * one);
    stage.admission.close();
    for (const admitted of stage.started) stage.admission.withdraw(admitted);
    expect([stage.admission.held, stage.admission.heldBytes]).toEqual([0, 0]);
  });

  test('quick answers raise the cap, signs of overload lower it', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    submitMany(stage, webhook, 200);
    for (const admitted of [...stage.started]) stage.admission.finish(admitted, 'answered');
    expect(stage.admission.inFlight).toBe(32);
    jest.advanceTimersByTime(10);
    for (const admitted of stage.started.slice(16)) stage.admission.finish(admitted, 'overloaded');
    // Halved once, since all of them tell of the same moment: 32 → 16.
    expect(stage.admission.inFlight).toBe(16);
  });

  test('all webhooks together stay below the cap over all', () => {
    const stage = makeStage(10);
    submitMany(stage, makeWebhook(), 8);
    submitMany(stage, makeWebhook(), 8);
    expect([stage.admission.inFlight, stage.admission.waiting]).toEqual([10, 6]);
  });

  test('what is withdrawn makes room and says nothing about the receiver', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    const all = submitMany(stage, webhook, 17);
    jest.advanceTimersByTime(200);
    stage.admission.withdraw(all[0] as AdmittedTask);
    expect(stage.started).toEqual(all);
    expect(stage.admission.inFlight).toBe(16);
    // Of the 80 that may wait, a quarter is left to new events.
    expect(stage.admission.room(webhook.Id)).toBe(60);
  });

  test('a webhook with thousands waiting that are all withdrawn at their start does not overflow the stack', () => {
    let withdraws = false;
    const stage = makeStage(1_000, (admitted, admission) => {
      if (withdraws) admission.withdraw(admitted);
    });
    const webhook = makeWebhook();
    // Answers within the same ms: a queue as long as can be.
    for (let round = 0; round < 40; round += 1) {
      submitMany(stage, webhook, 100);
      for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'answered');
    }
    while (stage.started.length > 0)
      for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'answered');
    submitMany(stage, webhook, 30_000);
    expect(stage.admission.waiting).toBeGreaterThan(29_000);
    withdraws = true;
    stage.admission.finish(stage.started[0] as AdmittedTask, 'answered');
    expect(stage.admission.waiting).toBe(0);
    expect(stage.parked).toEqual([]);
  });
});

describe('shared caps', () => {
  const organization = '0190a000-0000-7000-8000-00000000aaaa';

  test('an organization takes no more than its share; the rest begins as its own requests end', () => {
    const stage = makeStage(100, undefined, { maxPerOrganization: 20 });
    const mine = [makeWebhook(), makeWebhook()].flatMap((webhook) => submitMany(stage, webhook, 16));
    expect(stage.admission.inFlight).toBe(20);
    const other = makeAdmitted(makeWebhook(), { organizationId: organization });
    stage.admission.submit(other);
    expect(stage.started.at(-1)).toBe(other);
    stage.admission.finish(stage.started[0] as AdmittedTask, 'answered');
    expect(stage.admission.inFlight).toBe(21);
    expect(new Set(stage.started)).toEqual(new Set([...mine.slice(0, 16), ...stage.started.slice(16)]));
  });

  test('where its share is half used, slow receivers get no more of it', () => {
    const stage = makeStage(100, undefined, { maxPerOrganization: 32 });
    const [slow, quick] = [makeWebhook(), makeWebhook()];
    const first = submitMany(stage, slow, 16);
    jest.advanceTimersByTime(2_100);
    stage.admission.finish(first[15] as AdmittedTask, 'answered');
    submitMany(stage, quick, 16);
    expect(countByWebhook(stage.started, quick)).toBe(16);
    submitMany(stage, slow, 4);
    expect(countByWebhook(stage.started, slow)).toBe(16);
    for (const admitted of stage.started.filter(({ task }) => task.webhookId === quick.Id))
      stage.admission.finish(admitted, 'answered');
    jest.advanceTimersByTime(250);
    expect(countByWebhook(stage.started, slow)).toBe(17);
  });

  test('an origin is asked for no more than its cap at a time, and each webhook may always have one', () => {
    const stage = makeStage(1_000, undefined, { maxPerOrigin: 30, originOf: () => 'https://a.example' });
    confirm(stage);
    const webhooks = Array.from({ length: 4 }, () => makeWebhook());
    for (const webhook of webhooks) submitMany(stage, webhook, 16);
    expect(webhooks.map((webhook) => countByWebhook(stage.started, webhook))).toEqual([16, 14, 1, 1]);
    stage.admission.finish(stage.started[0] as AdmittedTask, 'answered');
    expect(stage.admission.inFlight).toBeLessThanOrEqual(32);
  });

  test('an origin that has never received anything is asked by few at a time, until the first 2xx', () => {
    const stage = makeStage(1_000, undefined, { originOf: () => 'https://a.example' });
    const webhooks = Array.from({ length: 3 }, () => makeWebhook());
    for (const webhook of webhooks) submitMany(stage, webhook, 16);
    // Four of the first, one of each other.
    expect(stage.admission.inFlight).toBe(6);
    const [first, second] = stage.started.splice(0) as [AdmittedTask, AdmittedTask];
    stage.admission.finish(first, 'answered');
    expect(stage.admission.inFlight).toBeLessThanOrEqual(6);
    stage.admission.finish(second, 'received');
    for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'received');
    expect(stage.admission.inFlight).toBeGreaterThan(6);
  });

  test('an origin that answers 503 to most is asked for less, and for more again once it is well', () => {
    const stage = makeStage(1_000, undefined, { originOf: () => 'https://a.example' });
    const webhooks = Array.from({ length: 8 }, () => makeWebhook());
    const inFlightAfter = (rounds: number, kind: 'received' | 'overloaded'): number => {
      for (let round = 0; round < rounds; round += 1) {
        jest.advanceTimersByTime(1_000);
        for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, kind);
        for (const webhook of webhooks) submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
      }
      return stage.admission.inFlight;
    };
    const before = inFlightAfter(3, 'received');
    const during = inFlightAfter(8, 'overloaded');
    expect(before).toBeGreaterThan(64);
    expect(during).toBeLessThanOrEqual(webhooks.length);
    expect(inFlightAfter(30, 'received')).toBeGreaterThan(32);
  });
});

describe('the circuit', () => {
  test('opens where nothing comes through: one probe at a time, the rest is parked, and slowly at first once it is back', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    const fail = (ms: number): void => {
      jest.advanceTimersByTime(ms);
      for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'overloaded');
    };
    for (let round = 0; round < 12; round += 1) {
      submitMany(stage, webhook, 16);
      fail(1_000);
    }
    fail(0);
    submitMany(stage, webhook, 50);
    expect(stage.started).toEqual([]);
    expect(stage.admission.room(webhook.Id)).toBe(0);
    // A new webhook of anybody is none the wiser.
    expect(stage.admission.room(makeWebhook().Id)).toBeGreaterThan(100);
    jest.advanceTimersByTime(10_000);
    expect(stage.admission.room(webhook.Id)).toBe(1);
    submitMany(stage, webhook, 50);
    expect(stage.started).toHaveLength(1);
    const [probe] = stage.started.splice(0);
    stage.admission.finish(probe as AdmittedTask, 'answered');
    submitMany(stage, webhook, 3);
    expect(stage.started.length).toBeLessThanOrEqual(2);
    for (let round = 0; round < 5; round += 1) {
      submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
      for (const admitted of stage.started.splice(0)) stage.admission.finish(admitted, 'answered');
    }
    expect(stage.admission.inFlight).toBeGreaterThanOrEqual(16);
  });
});

describe('the lease', () => {
  test('what waited too long is dropped, not begun', () => {
    const stage = makeStage();
    const webhook = makeWebhook({ TimeoutSeconds: 15 });
    const lasting = { leaseUntil: Date.now() + 60_000 };
    for (let at = 0; at < 16; at += 1) stage.admission.submit(makeAdmitted(webhook, lasting));
    const short = makeAdmitted(webhook, { leaseUntil: Date.now() + 15_100 });
    const long = makeAdmitted(webhook, lasting);
    stage.admission.submit(short);
    stage.admission.submit(long);
    jest.advanceTimersByTime(101);
    stage.admission.finish(stage.started[0] as AdmittedTask, 'answered');
    expect(stage.dropped).toEqual([short]);
    expect(stage.started.at(-1)).toBe(long);
    expect([stage.admission.inFlight, stage.admission.waiting]).toEqual([17 - 1, 0]);
  });

  test('it is dropped also where no answer ever makes room', () => {
    const stage = makeStage();
    const webhook = makeWebhook({ TimeoutSeconds: 15 });
    const all = submitMany(stage, webhook, 20);
    jest.advanceTimersByTime(10_300);
    expect(stage.dropped).toEqual(all.slice(16));
    expect(stage.admission.waiting).toBe(0);
  });
});

describe('a rate limit', () => {
  test.each([1, 7, 100, 5_000])('%i per second: never quicker, never much slower', (rate) => {
    const stage = makeStage(10_000, (admitted, admission) => {
      setTimeout(() => admission.finish(admitted, 'answered'), 1);
    });
    const webhook = makeWebhook({ RateLimitPerSecond: rate });
    const seconds = 4;
    for (let ms = 0; ms < seconds * 1_000; ms += 10) {
      submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
      jest.advanceTimersByTime(10);
    }
    expect(stage.started.length).toBeLessThanOrEqual(rate * seconds + 1 + rate / 1_000);
    expect(stage.started.length).toBeGreaterThanOrEqual(rate * seconds * 0.98);
  });

  test.each([2, 3])('%i dispatchers keep to it together, also where each has less than one', (count) => {
    const stages = Array.from({ length: count }, () =>
      makeStage(
        10_000,
        (admitted, admission) => {
          setTimeout(() => admission.finish(admitted, 'answered'), 1);
        },
        { dispatchers: () => count },
      ),
    );
    for (const rate of [1, 50]) {
      const webhook = makeWebhook({ RateLimitPerSecond: rate });
      for (let ms = 0; ms < 12_000; ms += 10) {
        for (const stage of stages) submitMany(stage, webhook, stage.admission.room(webhook.Id), claimed);
        jest.advanceTimersByTime(10);
      }
      const started = stages.flatMap((stage) => stage.started);
      expect(countByWebhook(started, webhook)).toBeLessThanOrEqual(rate * 12 + count);
      expect(countByWebhook(started, webhook)).toBeGreaterThanOrEqual(rate * 12 * 0.95);
    }
  });

  test('after a pause there is no burst', () => {
    const stage = makeStage(10_000, (admitted, admission) => {
      setTimeout(() => admission.finish(admitted, 'answered'), 1);
    });
    const webhook = makeWebhook({ RateLimitPerSecond: 10 });
    submitMany(stage, webhook, 1);
    jest.advanceTimersByTime(10_000);
    submitMany(stage, webhook, 10);
    jest.advanceTimersByTime(249);
    expect(stage.started).toHaveLength(1 + 3);
  });

  test('no more than a second of it waits; the rest is parked at once', () => {
    const stage = makeStage();
    submitMany(stage, makeWebhook({ RateLimitPerSecond: 5 }), 100);
    expect(stage.started).toHaveLength(1);
    expect(stage.admission.waiting).toBe(5);
    expect(stage.parked).toHaveLength(94);
  });
});

describe('close', () => {
  test('gives back what waits, lets nothing more begin, and parks what still comes for now', () => {
    const stage = makeStage();
    const webhook = makeWebhook();
    const all = submitMany(stage, webhook, 20);
    const paced = submitMany(stage, makeWebhook({ RateLimitPerSecond: 1 }), 2);
    const begun = stage.started.length;
    expect(new Set(stage.admission.close())).toEqual(new Set([...all.slice(16), ...paced.slice(1)]));
    expect(stage.admission.waiting).toBe(0);
    stage.admission.finish(all[0] as AdmittedTask, 'answered');
    jest.advanceTimersByTime(5_000);
    const late = submitMany(stage, webhook, 1);
    expect(stage.started).toHaveLength(begun);
    expect(stage.parked).toEqual([{ admitted: late[0], delayMs: 0 }]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
