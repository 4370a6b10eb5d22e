import { PostriderApiError, PostriderUnreachableError } from '@postrider/client';
import { errorCatalogue } from '@postrider/contracts';
import { describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../src/config.js';
import { CliError, explain } from '../src/errors.js';
import { printable, table } from '../src/output.js';
import { parseTime } from '../src/parse.js';
import { readHeaders } from '../src/read-headers.js';
import { Seen } from '../src/seen.js';

test('times as people write them', () => {
  const now = 1_000_000_000_000;
  expect(parseTime('2h', now)).toBe(now - 7_200_000);
  expect(parseTime('now', now)).toBe(now);
  expect(parseTime('1700000000000', now)).toBe(1_700_000_000_000);
  expect(parseTime('2026-01-31', now)).toBe(Date.UTC(2026, 0, 31));
  expect(parseTime('2026-01-31T08:00', now)).toBe(Date.UTC(2026, 0, 31, 8));
  expect(parseTime('2026-01-31T08:00:00+02:00', now)).toBe(Date.UTC(2026, 0, 31, 6));
  for (const wrong of ['yesterday', '2x', '', '-5', '2026-13-01'])
    expect(() => parseTime(wrong)).toThrow('Give a time');
});

test('headers as people capture them', () => {
  const expected = { 'webhook-id': 'evt_1', 'x-a': 'b: c' };
  expect(readHeaders('POST /hook HTTP/1.1\r\nwebhook-id: evt_1\r\nX-A:  b: c \r\n\r\n')).toEqual(expected);
  expect(
    readHeaders(
      '> POST /hook HTTP/1.1\n> webhook-id: evt_1\n> X-A: b: c'.replace('> POST /hook HTTP/1.1\n', ''),
    ),
  ).toEqual(expected);
  expect(readHeaders('{"webhook-id":"evt_1","X-A":"b: c"}')).toEqual(expected);
  expect(() => readHeaders('no header at all')).toThrow(CliError);
});

describe('which system', () => {
  const withLocal = (check: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'postrider-cli-'));
    try {
      mkdirSync(join(folder, '.postrider'));
      mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
      writeFileSync(
        join(folder, '.postrider', 'local.json'),
        JSON.stringify({ ApiUrl: 'http://a', IngestUrl: 'http://i', AdminApiKey: 'k' }),
      );
      check(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('the one that runs here, from any folder below', () => {
    withLocal((folder) => {
      expect(readSettings({}, {}, join(folder, 'deep', 'down'))).toMatchObject({
        apiUrl: 'http://a',
        ingestUrl: 'http://i',
        apiKey: 'k',
      });
      expect(readSettings({ apiKey: 'mine' }, { POSTRIDER_ORGANIZATION: 'Acme' }, folder)).toMatchObject({
        apiKey: 'mine',
        organization: 'Acme',
      });
    });
  });

  test('the one that is named goes before it, and gets no key of another', () => {
    withLocal((folder) => {
      const named = readSettings({}, { POSTRIDER_API_URL: 'https://p.example.com' }, folder);
      expect(named).toMatchObject({
        apiUrl: 'https://p.example.com',
        ingestUrl: 'https://p.example.com',
        apiKey: undefined,
        local: null,
      });
    });
  });

  test('none, and none that makes sense', () => {
    expect(() => readSettings({}, {}, '/')).toThrow('none runs here');
    expect(() => readSettings({ apiUrl: 'localhost:3000' }, {}, '/')).toThrow('is no address');
  });
});

test('every error of the API comes with what to do next, or with its fields', () => {
  for (const code of Object.keys(errorCatalogue)) {
    const { status, title } = errorCatalogue[code as keyof typeof errorCatalogue];
    const error = new PostriderApiError(status, {
      code,
      detail: title,
      errors: [{ pointer: '/Url', detail: 'is wrong' }],
    });
    expect({ code, hint: explain(error).Hint }).toEqual({ code, hint: expect.stringMatching(/./) });
  }
  expect(explain(new PostriderUnreachableError('http://x', 'refused')).Hint).toContain('npm start');
});

test('what others wrote does not move the cursor', () => {
  expect(printable('a\u001b[2Jb\u0007\n')).toBe('a\\u001b[2Jb\\u0007\n');
  expect(
    table([
      ['A', 'BB'],
      ['ccc', 'd'],
    ]),
  ).toBe('A    BB\nccc  d');
});

test('each change is shown once, each attempt forwarded once, old ones not at all', () => {
  const seen = new Seen();
  const delivery = (Status: string, AttemptsCount: number) =>
    ({ Id: 'd', Status, AttemptsCount }) as Parameters<Seen['look']>[0];
  expect(seen.look(delivery('Pending', 3))).toEqual({ isNew: true, firstAttempt: 3 });
  expect(seen.look(delivery('Pending', 3)).isNew).toBe(false);
  expect(seen.look(delivery('Pending', 5))).toEqual({ isNew: true, firstAttempt: 4 });
  expect(seen.look(delivery('Pending', 4)).isNew).toBe(false);
  expect(seen.look(delivery('Succeeded', 5))).toEqual({ isNew: true, firstAttempt: 6 });
});
