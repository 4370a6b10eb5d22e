import { expect, test } from '@jest/globals';
import { compileTopics, matchesTopic, validateTopicPattern } from './topic.policy.js';

const known = ['job.execution.started', 'job.execution.failed', 'job.created', 'webhook.ping', 'invoice'];

test.each([
  ['*', 'job.created', true],
  ['*', 'invoice', true],
  ['job.*', 'job.created', true],
  ['job.*', 'job.execution.failed', true],
  ['job.*', 'job', false],
  ['job.*', 'jobs.created', false],
  ['job.*', 'job.', true],
  ['job.execution.*', 'job.created', false],
  ['job.created', 'job.created', true],
  ['job.created', 'job.created.late', false],
  ['job.created', 'Job.created', false],
  ['*', '', true],
])('%s on %s: %p', (pattern, topic, expected) => {
  expect(matchesTopic(pattern, topic)).toBe(expected);
});

test.each(['*', 'job.*', 'job.execution.*', 'job.created', 'invoice', 'webhook.*', 'webhook.ping'])(
  '%s may be subscribed to',
  (pattern) => {
    expect(validateTopicPattern(pattern, known)).toEqual({ valid: true });
  },
);

test.each([
  ['job.deleted', 'is no known topic'],
  ['job', 'is no known topic'],
  ['JOB.created', 'is no known topic'],
  ['__proto__', 'is no known topic'],
  ['invoice.*', 'matches no known topic'],
  ['job.execution.failed.*', 'matches no known topic'],
  ['', 'is no topic pattern'],
  ['.*', 'is no topic pattern'],
  ['**', 'is no topic pattern'],
  ['*.*', 'is no topic pattern'],
  ['*.created', 'is no topic pattern'],
  ['job.*.failed', 'is no topic pattern'],
  ['job*', 'is no topic pattern'],
  ['job..created', 'is no topic pattern'],
  ['job.', 'is no topic pattern'],
  ['job.*.*', 'is no topic pattern'],
])('%p is refused: %s', (pattern, detail) => {
  expect(validateTopicPattern(pattern, known)).toEqual({
    valid: false,
    detail: expect.stringContaining(detail),
  });
});

test('an organization with no topics in the catalog can still want all', () => {
  expect(validateTopicPattern('*', [])).toEqual({ valid: true });
});

test('the index finds what matching one by one finds, in order and once', () => {
  let seed = 7;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  const word = () => ['a', 'b', 'c'][random(3)] ?? '';
  const topic = () => Array.from({ length: 1 + random(4) }, word).join('.');
  const pattern = () => ['*', topic(), topic(), `${topic()}.*`][random(4)] ?? '';
  for (let round = 0; round < 200; round++) {
    const webhooks = Array.from({ length: random(20) }, (_, id) => ({
      id,
      Topics: Array.from({ length: 1 + random(4) }, pattern),
    }));
    const index = compileTopics(webhooks);
    for (let i = 0; i < 20; i++) {
      const wanted = topic();
      const expected = webhooks.filter(({ Topics }) => Topics.some((one) => matchesTopic(one, wanted)));
      expect(index.find(wanted)).toEqual(expected);
      expect(index.find(wanted)).toBe(index.find(wanted)); // kept
    }
  }
});

test('finding costs the same with 100,000 webhooks, and invented topics do not pile up', () => {
  const webhooks = Array.from({ length: 100_000 }, (_, i) => ({ Topics: [`t.${i}`, `p${i}.*`] }));
  const index = compileTopics(webhooks);
  const before = process.cpuUsage();
  let found = 0;
  for (let i = 0; i < 100_000; i++) found += index.find(`t.${i}`).length;
  expect(found).toBe(100_000);
  expect(index.find('p5.x.y')).toEqual([webhooks[5]]);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(5_000); // measured: 150; scanning takes minutes
});
