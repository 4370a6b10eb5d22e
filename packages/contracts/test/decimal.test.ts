import { expect, test } from '@jest/globals';
import { decimalKey } from '../src/index.js';

test.each([
  [['0', '-0', '0.0', '0e99', '-0.000E-5', '0e99999999999999999999'], '0'],
  [['1', '1.0', '1e0', '10e-1', '0.1E+1', '1.000', '100e-00002'], '1e0'],
  [['-15', '-1.5e1', '-150E-1'], '-15e0'],
  [['1000', '1e3', '1E+3', '0.001e6'], '1e3'],
  [['12345678901234567890', '1234567890123456789e1'], '1234567890123456789e1'],
  [['12345678901234567891', '12345678901234567891.0'], '12345678901234567891e0'],
  [
    ['1e99999999999999999999', '10e99999999999999999998', '0.1e+100000000000000000000'],
    '1e99999999999999999999',
  ],
  [['5e-99999999999999999999', '50e-100000000000000000000'], '5e-99999999999999999999'],
])('%j are one number', (texts, key) => {
  expect(texts.map(decimalKey)).toEqual(texts.map(() => key));
});

test.each([
  '',
  ' 1',
  '1 ',
  '01',
  '+1',
  '.5',
  '5.',
  '1e',
  '0x10',
  '1_000',
  'NaN',
  'Infinity',
  '-',
  '１',
  '1,5',
  '--1',
])('%p is no number', (text) => {
  expect(decimalKey(text)).toBeNull();
});

test('hostile numbers are read in linear time', () => {
  const startMs = performance.now();
  for (const part of ['0', '9', '1']) {
    const digits = part.repeat(300_000);
    for (const text of [`1${digits}`, `0.${digits}`, `1e${digits}`, `-1.${digits}e-${digits}`, `${digits}x`])
      decimalKey(text);
  }
  expect(performance.now() - startMs).toBeLessThan(10_000); // measured: 60
});
