// What a browser loads before it shows anything stays small.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const limitBytes = 300 * 1024;

test('the initial load is at most 300 KB of JavaScript, gzipped', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path))).length, 0);
  expect(bytes).toBeLessThanOrEqual(limitBytes);
});

test('nothing comes from a foreign host, and no script stands in the page', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  expect(page).not.toMatch(/https?:\/\//);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
  for (const file of readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.css'))) {
    expect(readFileSync(join(dist, 'assets', file), 'utf8')).not.toMatch(/url\(["']?https?:/);
  }
});
