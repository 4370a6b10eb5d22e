import { expect, test } from '@jest/globals';
import { EventMembers } from '@postrider/contracts';
import { isPlain, judgeMembers } from './event-members.policy.js';

// Every value at each place: those that the schema takes, those that it refuses, and those at its limits.
const values: unknown[] = [
  undefined,
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  1e21,
  8_640_000_000_000_000,
  8_640_000_000_000_001,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  ' a',
  'a ',
  'a',
  'null',
  'a.b',
  'a..b',
  '.a',
  'a.',
  'a b',
  'a.b.c.d.e.f.g.h',
  'a.b.c.d.e.f.g.h.i',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(100),
  'x'.repeat(101),
  'x'.repeat(128),
  'x'.repeat(129),
  'é'.repeat(100),
  '💩'.repeat(100),
  '💩'.repeat(101),
  'a\nb',
  'a\u007fb',
  'a\u0085b',
  'a\0b',
  '\ud800',
  '\u00a0',
  '\u2028',
  'Zoë',
  [],
  {},
  ['a'],
  { Type: 'User' },
  { Type: 'User', Id: 'u' },
  { Type: 'User', Id: 1 },
  { Type: 'User', Id: 'u', Name: 'n' },
  { Type: '', Id: 'u' },
  { Type: 'Benützer', Id: 'u'.repeat(100) },
];
const names = ['Id', 'Topic', 'CreatedAt', 'UpdatedAt', 'Resource', 'Actor'];

function members(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) if (value !== undefined) object[name] = value;
  return object;
}

test.each(names)('the quick check of %s takes nothing that the schema refuses or changes', (name) => {
  for (const value of values) {
    const candidate = members([[name, value]]);
    const bySchema = EventMembers.safeParse(candidate);
    const judgement = judgeMembers(candidate);
    expect('members' in judgement).toBe(bySchema.success);
    if (isPlain(candidate)) expect(bySchema).toMatchObject({ success: true, data: { ...candidate } });
    if ('members' in judgement) expect({ ...judgement.members }).toEqual(bySchema.data);
  }
});

test('what publishers send takes the quick way', () => {
  const usual = members([
    ['Id', '0192f0c1-7a3b-7c4d-8e5f-0123456789ab'],
    ['Topic', 'job.execution.failed'],
    ['CreatedAt', 1_590_591_051_225],
    ['UpdatedAt', 1_590_591_051_225],
    ['Resource', 'JobExecution'],
    ['Actor', { Type: 'User', Id: 'u-1' }],
  ]);
  expect(isPlain(usual)).toBe(true);
  expect(isPlain(members([]))).toBe(true);
});

test.each(['Data2', 'id', '__proto__', 'constructor', 'toString'])(
  'the unknown key %s is refused by name',
  (key) => {
    expect(judgeMembers(members([[key, {}]]))).toMatchObject({
      errors: [{ pointer: `/${key}`, detail: expect.stringContaining(JSON.stringify(key)) }],
    });
  },
);
