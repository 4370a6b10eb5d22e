import { describe, expect, test } from '@jest/globals';
import { makeTask, makeWebhook } from '../../test/makers.js';
import type { AdmittedTask } from '../task.js';
import { Waiting } from './waiting.js';

const webhook = makeWebhook();
const admitted = (isClaimed = false): AdmittedTask => ({ task: makeTask({ isClaimed }), webhook });
const take = (waiting: Waiting, count: number) => Array.from({ length: count }, () => waiting.shift());

describe('what waits', () => {
  test('goes in the order in which it came, however much has gone before', () => {
    const waiting = new Waiting();
    const all = Array.from({ length: 5_000 }, () => admitted());
    const gone: (AdmittedTask | undefined)[] = [];
    for (const one of all) {
      waiting.push(one);
      if (waiting.length > 1_500) gone.push(...take(waiting, 2));
    }
    expect(waiting.first).toBe(all[gone.length]);
    gone.push(...take(waiting, waiting.length));
    expect(gone).toEqual(all);
    expect([waiting.length, waiting.first, waiting.shift()]).toEqual([0, undefined, undefined]);
  });

  test('knows how much of it was claimed', () => {
    const waiting = new Waiting();
    for (const isClaimed of [true, false, true, true]) waiting.push(admitted(isClaimed));
    expect(waiting.claimed).toBe(3);
    waiting.shift();
    expect(waiting.claimed).toBe(2);
    waiting.takeLast(1);
    expect([waiting.claimed, waiting.length]).toEqual([1, 2]);
  });

  test('the last of it can be taken, in its order, and nothing that has gone', () => {
    const waiting = new Waiting();
    const all = Array.from({ length: 6 }, () => admitted());
    for (const one of all) waiting.push(one);
    take(waiting, 2);
    expect(waiting.takeLast(2)).toEqual(all.slice(4));
    expect(waiting.takeLast(0)).toEqual([]);
    expect(waiting.takeLast(100)).toEqual(all.slice(2, 4));
    expect([waiting.length, waiting.shift()]).toEqual([0, undefined]);
  });
});
