import { expect, test } from '@jest/globals';
import type { AuditEntry } from '@postrider/contracts';
import { actionText, changesOf, nameOf } from './audit-words.policy.js';

const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  Id: '0192f0c1-7a3b-7c4d-8e5f-0123456789ab',
  OrganizationId: null,
  CreatedAt: 0,
  Actor: { Type: 'AdminKey', Id: null, Prefix: null },
  Action: 'webhook.changed',
  Resource: { Type: 'webhook', Id: 'w1' },
  Before: null,
  After: null,
  RequestId: null,
  ...more,
});

test.each([
  ['webhook.secret_rotated', 'Webhook secret rotated'],
  ['api_key.created', 'API key created'],
  ['something.new_to_us', 'Something new to us'],
])('%s reads “%s”', (action, words) => {
  expect(actionText(action)).toBe(words);
});

test('a change names the fields that differ, with what they were', () => {
  const changed = entry({
    Before: { Alias: 'orders', Topics: ['*'], UpdatedAt: 1, RateLimitPerSecond: 5 },
    After: { Alias: 'orders', Topics: ['a', 'b'], UpdatedAt: 2, RateLimitPerSecond: null },
  });
  expect(changesOf(changed)).toEqual([
    { field: 'Topics', before: '*', after: 'a, b' },
    { field: 'RateLimitPerSecond', before: '5', after: null },
  ]);
  expect(nameOf(changed)).toBe('orders');
});

test('of something new only what was set is told, of something deleted its name', () => {
  const made = entry({ After: { Id: 'x', Alias: null, Url: 'https://example.com/', Filter: null } });
  expect(changesOf(made)).toEqual([{ field: 'Url', before: null, after: 'https://example.com/' }]);
  const gone = entry({ Action: 'api_key.deleted', Before: { Name: 'CI' }, After: null });
  expect(changesOf(gone)).toEqual([]);
  expect(nameOf(gone)).toBe('CI');
  expect(nameOf(entry({}))).toBeNull();
});

test('long values are cut', () => {
  const [change] = changesOf(entry({ After: { Description: 'x'.repeat(1_000) } }));
  expect(change?.after).toHaveLength(301);
});

test('times are told as times', () => {
  const rotated = entry({ Before: {}, After: { PreviousSecretExpiresAt: Date.UTC(2026, 0, 2, 3, 4, 5) } });
  expect(changesOf(rotated)).toEqual([
    { field: 'PreviousSecretExpiresAt', before: null, after: '2026-01-02 03:04:05 UTC' },
  ]);
});
