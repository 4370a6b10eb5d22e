import { describe, expect, test } from '@jest/globals';
import { bars, judge, slownessOf, type Bar, type MeasureId } from './bars.js';
import { tableRow } from './report/table.js';

const barOf = (id: MeasureId): Bar => {
  const found = bars.find((bar) => bar.id === id);
  if (found === undefined) throw new Error(`no bar ${id}`);
  return found;
};
const reference = { rawUs: 31, rawPerSecond: 30_000 };
const fourTimesSlower = { rawUs: 124, rawPerSecond: 7_500 };

describe('a machine as slow as the reference', () => {
  test.each([
    ['drain', 12_000, 'goal'],
    ['drain', 6_000, 'bar'],
    ['drain', 5_999, 'missed'],
    ['steady-p99', 10, 'goal'],
    ['steady-p99', 30.1, 'missed'],
    ['cpu', 6, 'bar'],
    ['cpu', 6.1, 'missed'],
    ['loss', 0, 'goal'],
    ['loss', 1, 'missed'],
  ] as const)('%s of %d: %s', (id, value, verdict) => {
    expect(judge(barOf(id), value, reference)).toMatchObject({
      verdict,
      meetsAbsolute: verdict !== 'missed',
    });
  });
});

describe('a machine four times slower', () => {
  test('rates and times are judged in proportion, and what passes by that alone is told', () => {
    const rate = judge(barOf('drain'), 1_500, fourTimesSlower);
    expect(rate).toMatchObject({ verdict: 'bar', barHere: 1_500, meetsAbsolute: false, shareOfRaw: 0.2 });
    expect(tableRow(rate)).toEqual(
      expect.arrayContaining(['1,500 deliveries/s', '≥ 6,000', 'above the bar, here only']),
    );
    expect(judge(barOf('drain'), 1_499, fourTimesSlower).verdict).toBe('missed');
    expect(judge(barOf('steady-p99'), 120, fourTimesSlower).verdict).toBe('bar');
  });

  test('ratios, memory and loss are not', () => {
    for (const id of ['cpu', 'rss', 'loss', 'configured'] as const) {
      expect(judge(barOf(id), 0, fourTimesSlower).barHere).toBe(barOf(id).bar);
    }
  });
});

test('a quicker machine makes no bar harder', () => {
  expect(slownessOf({ rawUs: 10, rawPerSecond: 90_000 })).toBe(1);
});
