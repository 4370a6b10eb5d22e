import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readConfig } from '../config.js';
import { MasterKeys } from './master-keys.js';

const good = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

test('the first key is the newest, and all are found by their id', () => {
  const keys = MasterKeys.parse(`${good('k-2')}, ${good('k_1')}`);
  expect(keys.newest.id).toBe('k-2');
  expect(keys.ids).toEqual(['k-2', 'k_1']);
  expect(keys.get('k_1')?.key.length).toBe(32);
  expect(keys.get('k3')).toBeUndefined();
});

const secretPart = 'c2VjcmV0LXBhcnQ=';
test.each([
  ['nothing', ''],
  ['no id', randomBytes(32).toString('base64')],
  ['an id with a space', `a b:${secretPart}`],
  ['an empty part', `${good('a')},`],
  ['a short key', `a:${secretPart}`],
  ['31 bytes', `a:${randomBytes(31).toString('base64')}`],
  ['33 bytes', `a:${randomBytes(33).toString('base64')}`],
  ['base64url', `a:${Buffer.alloc(32, 0xfb).toString('base64url')}`],
  ['characters that are no base64', `a:${randomBytes(32).toString('base64').slice(0, -2)}!=`],
  ['zeros', `a:${Buffer.alloc(32).toString('base64')}`],
])('%s is refused', (_, text) => {
  expect(() => MasterKeys.parse(text)).toThrow();
});

test('an id that stands there twice is refused, whatever the keys', () => {
  expect(() => MasterKeys.parse(`${good('a')},${good('a')}`)).toThrow('the id a stands there twice');
});

test('every wrong key is named in one message, and none is shown', () => {
  const env = { DATABASE_URL: 'postgres://x', MASTER_KEYS: `a:${secretPart},${good('b')},c:${secretPart}` };
  let message = '';
  try {
    readConfig(env);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(/MASTER_KEYS: key 1 \(a\) must be .* 32 bytes.*; key 3 \(c\)/);
  expect(message).not.toContain(secretPart);
});

test('a signer without MASTER_KEYS says what they are', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgres://x' })).toThrow(/MASTER_KEYS: is missing: id:base64/);
});
