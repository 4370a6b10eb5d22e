// The built dashboard, read into memory once: a few files, each with its compressed form. Without a build there is none.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface DashboardFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** Files by their path below `folder`, such as `index.html` and `assets/index-abc.js`; null where nothing is built. */
export function readDashboardFiles(folder: string): ReadonlyMap<string, DashboardFile> | null {
  const files = new Map<string, DashboardFile>();
  for (const entry of entriesOf(folder)) {
    const type = types[extname(entry)];
    if (type !== undefined) files.set(entry.replaceAll('\\', '/'), read(join(folder, entry), type));
  }
  return files.has('index.html') ? files : null;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw error;
  }
}

function read(path: string, type: string): DashboardFile {
  const plain = readFileSync(path);
  return {
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    gzip: gzipSync(plain),
    // The best quality would take a second of every start.
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  };
}
