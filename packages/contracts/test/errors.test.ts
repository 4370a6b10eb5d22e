import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attemptErrorCodes, errorCatalogue } from '../src/index.js';

test('every error code is documented, with its status', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md'), 'utf8');
  // Prettier pads the columns of tables.
  const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const [code, { status }] of Object.entries(errorCatalogue)) {
    expect(rows).toContainEqual(['', `\`${code}\``, String(status), expect.any(String), '']);
  }
  for (const code of attemptErrorCodes)
    expect(rows).toContainEqual(['', `\`${code}\``, expect.any(String), '']);
});
