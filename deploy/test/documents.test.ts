// Links lead somewhere, and .env.example names what the services read.
import { expect, test } from '@jest/globals';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesBelow, read, root } from './support.js';

const documents = filesBelow('', /\.md$/);

/** As GitHub makes anchors of headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/```.*?```/gs, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1');
    anchors.add(
      plain
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
  }
  return anchors;
}

function brokenLinks(document: string): string[] {
  const text = read(document)
    .replaceAll(/```.*?```/gs, '')
    .replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^(https?|mailto):/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : normalize(join(dirname(document), decodeURIComponent(path)));
    if (!existsSync(join(root, target))) return [`${document}: ${link}`];
    if (anchor === undefined || statSync(join(root, target)).isDirectory()) return [];
    return anchorsOf(read(target)).has(anchor) ? [] : [`${document}: ${link}`];
  });
}

test('every link in the documents leads to a file, and to a heading where it names one', () => {
  expect(documents).toContain('docs/runbook.md');
  expect(documents.flatMap(brokenLinks)).toEqual([]);
});

test('the index leads to every document', () => {
  const index = read('docs/README.md');
  for (const document of documents.filter((name) => /^docs\/[a-z-]+\.md$/.test(name)))
    expect({ document, linked: index.includes(`](${document.slice('docs/'.length)})`) }).toEqual({
      document,
      linked: true,
    });
});

const shared = 'packages/runtime/src/config.ts';
const files: Readonly<Record<string, readonly string[]>> = {
  'every service': [],
  'config-api': ['apps/config-api/src/config.ts'],
  'event-ingest': ['apps/event-ingest/src/config.ts'],
  dispatcher: ['apps/dispatcher/src/config.ts'],
  signer: ['apps/signer/src/config.ts'],
  'the migration': ['packages/database/src/config.ts'],
};

/** Variables that the schemas of a service name, with their default where that is a plain one. */
function variablesOf(file: string): Map<string, string | null> {
  const text = read(file);
  const found = new Map<string, string | null>();
  for (const [, name = '', rest = ''] of text.matchAll(/^ {2}([A-Z][A-Z0-9_]+): ((?:.|\n {4})*),$/gm)) {
    const [, first, second] =
      /settings\.(?:port|rate|flag)\(([\w.]+)\)|\.default\(([\d_]+|'[^']+')\)/.exec(rest) ?? [];
    found.set(name, (first ?? second)?.replaceAll(/[_']/g, '') ?? null);
  }
  for (const [, name = ''] of text.matchAll(/env\['([A-Z_]+)'\]/g)) found.set(name, null);
  if (text.includes('...tracingSettings'))
    for (const name of variablesOf(shared).keys()) found.set(name, null);
  return found;
}

/** What .env.example says: name and default. */
function examples(): Map<string, string> {
  const lines = read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]+)(?:=(\S*))?(?=\s|$)/gm);
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]));
}

test('.env.example names every variable that a service reads, with its default, and none that nobody reads', () => {
  const known = new Map(
    Object.values(files)
      .flat()
      .flatMap((file) => [...variablesOf(file)]),
  );
  expect(known.size).toBeGreaterThan(30);
  const shown = examples();
  expect([...shown.keys()].sort()).toEqual([...known.keys()].sort());
  const wrong = [...known].filter(
    ([name, value]) => value !== null && /^(\d+|true|false|info)$/.test(value) && shown.get(name) !== value,
  );
  expect(wrong).toEqual([]);
});
