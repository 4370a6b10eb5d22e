// The dashboard at `/`: a page for all of its addresses, files by name, and no page where it is not built.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { startApi, type TestApi } from './support/api.js';

const folder = mkdtempSync(join(tmpdir(), 'postrider-dashboard-'));
let api: TestApi;
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Postrider</title>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), `export const text = '${'x'.repeat(5_000)}';`);
  writeFileSync(join(folder, 'secret.txt'), 'not of the dashboard');
  api = await startApi({
    env: { DASHBOARD_DIR: folder, PORTAL_PARENTS: 'https://app.example.com https://*.example.org' },
  });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

test.each(['/', '/portal', '/o/0192f0c1-7a3b-7c4d-8e5f-0123456789ab/webhooks', '/admin/topics'])(
  '%s is the page, which loads scripts from here alone',
  async (path) => {
    const response = await supertest(api.url).get(path).expect(200);
    expect(response.text).toContain('<title>Postrider</title>');
    expect(response.headers['cache-control']).toBe('no-cache');
    const policy = response.headers['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('frame-ancestors https://app.example.com https://*.example.org');
  },
);

test('files are compressed, kept by browsers, and asked for by ETag', async () => {
  const response = await supertest(api.url).get('/assets/index-abc.js').expect(200);
  expect(response.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
  });
  const page = await supertest(api.url).get('/').expect(200);
  const again = await supertest(api.url).get('/').set('If-None-Match', String(page.headers.etag));
  expect(again.status).toBe(304);
});

test.each([
  '/secret.txt',
  '/assets/none.js',
  '/assets/../secret.txt',
  '/assets/%2e%2e/secret.txt',
  '/v1/none',
])('%s is not there', async (path) => {
  const response = await supertest(api.url).get(path);
  expect([response.status, response.type]).toEqual([404, 'application/problem+json']);
});
