import { expect, test } from '@jest/globals';
import { arrayParam, packedParam } from './batch-params.js';

test('arrays are printed as PostgreSQL reads them', () => {
  expect(arrayParam([])).toBe('{}');
  expect(arrayParam([1, null, -5])).toBe('{1,NULL,-5}');
  expect(arrayParam(['job.execution.failed', 'A_b-9'])).toBe('{job.execution.failed,A_b-9}');
  expect(arrayParam([true, false])).toBe('{true,false}');
});

test('the word null is text, not NULL: an event may have it as its Id', () => {
  expect(arrayParam(['null', 'NULL', 'nUll', 'nulls', null])).toBe('{"null","NULL","nUll",nulls,NULL}');
});

test('packed values are cut where offsets and lengths say', () => {
  const packed = packedParam(['zwölf', null, Buffer.from([0, 255]), '']);
  expect(packed.offsets).toBe('{0,NULL,6,8}');
  expect(packed.lengths).toBe('{6,NULL,2,0}');
  expect(packed.bytes).toEqual(Buffer.concat([Buffer.from('zwölf'), Buffer.from([0, 255])]));
});
