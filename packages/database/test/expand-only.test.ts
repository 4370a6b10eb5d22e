// An upgrade runs the new schema under the old release for as long as its processes are replaced one by one: migrations
// may only add. What the old release still reads or writes goes one release later, listed here with the reason.
import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'src', 'migrations');
/** The first schema has no release before it. */
const later = readdirSync(folder).filter((file) => /^\d{4}-/.test(file) && !file.startsWith('0001-'));

/** `<file>: <statement as found>` to why no release in use minds. */
const exceptions: Readonly<Record<string, string>> = {};

const breaking = [
  /\bDROP\s+(TABLE|COLUMN|VIEW|SEQUENCE|TYPE)\b[^;`]*/gi,
  /\bRENAME\s+(TO|COLUMN|CONSTRAINT)\b[^;`]*/gi,
  /\bSET\s+NOT\s+NULL\b/gi,
  /\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b[^;`]*/gi,
  /\bADD\s+COLUMN\b(?:(?!\bDEFAULT\b)[^,;`])*\bNOT\s+NULL\b(?!\s+DEFAULT)/gi,
];

/** What an upgrade runs, without its comments: a `down` is for nobody who upgrades. */
function statementsOf(text: string): string {
  return (
    text
      .split(/async down\(/)[0]
      ?.replaceAll(/--.*$/gm, '')
      .replaceAll(/^\s*\/\/.*$/gm, '') ?? ''
  );
}

export function breakingIn(text: string): string[] {
  const statements = statementsOf(text);
  return breaking.flatMap((pattern) => [...statements.matchAll(pattern)].map(([found]) => found.trim()));
}

test('migrations only add', () => {
  const found = later.flatMap((file) =>
    breakingIn(readFileSync(join(folder, file), 'utf8')).map((statement) => `${file}: ${statement}`),
  );
  expect(found.filter((one) => exceptions[one] === undefined)).toEqual([]);
});

test.each([
  ['ALTER TABLE a DROP COLUMN b;', ['DROP COLUMN b']],
  ['ALTER TABLE a RENAME COLUMN b TO c;', ['RENAME COLUMN b TO c']],
  ['ALTER TABLE a ALTER COLUMN b SET NOT NULL;', ['SET NOT NULL']],
  ['ALTER TABLE a ALTER COLUMN b TYPE bigint;', ['ALTER COLUMN b TYPE bigint']],
  ['ALTER TABLE a ADD COLUMN b text NOT NULL;', ['ADD COLUMN b text NOT NULL']],
  ["ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT '';", []],
  ["ALTER TABLE a ADD COLUMN b text DEFAULT '' NOT NULL;", []],
  ['ALTER TABLE a ADD COLUMN b text; CREATE TABLE c (d text NOT NULL);', []],
  ['-- DROP TABLE a\nSELECT 1;', []],
])('%s: %j', (text, expected) => {
  expect(breakingIn(text)).toEqual(expected);
});
