// The documents for others: as the code says, with examples that are true, and as their standards want them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asyncApiDocument, deliveredExamples, DeliveredEvent, examples } from '../src/documents/index.js';
import {
  bodyPrefix,
  bodySuffix,
  eventText,
  messageSchemas,
  noticeSubjects,
  PublishedEvent,
  requestSubjects,
} from '../src/index.js';

const fileOf = (name: string): string => join(import.meta.dirname, '..', '..', '..', 'docs', 'api', name);
const read = (name: string): unknown => JSON.parse(readFileSync(fileOf(name), 'utf8'));

const schemas = {
  ...Object.fromEntries(
    Object.entries(messageSchemas)
      .filter(([name]) => name.startsWith('http.'))
      .map(([name, schema]) => [name.slice('http.'.length), schema]),
  ),
  PublishedEvent,
  DeliveredEvent,
};

describe('examples', () => {
  test('there is one of every body, and none of what is gone', () => {
    expect(Object.keys(examples).sort()).toEqual(Object.keys(schemas).sort());
  });

  test.each(Object.entries(schemas))('%s is one', (name, schema) => {
    const result = schema.safeParse(examples[name]);
    expect(result.error?.issues ?? []).toEqual([]);
  });
});

test('what a receiver gets is what the document says', () => {
  const [example] = Object.values(deliveredExamples);
  if (example === undefined) throw new Error('no example');
  const text = eventText({
    id: example.Id,
    topic: example.Topic,
    createdAt: example.CreatedAt,
    updatedAt: example.UpdatedAt,
    organizationId: example.OrganizationId,
    resource: example.Resource,
    previousData: null,
    actor: null,
    data: JSON.stringify(example.Data),
  });
  const { Webhook, Delivery, Attempt, Event } = example.Metadata;
  const suffix = bodySuffix({
    webhookId: Webhook.Id,
    deliveryId: Delivery.Id,
    attemptId: Attempt.Id,
    eventId: Event.Id,
    topic: Event.Topic,
  });
  const body: unknown = JSON.parse(bodyPrefix(Buffer.from(text)).toString('utf8') + suffix);
  expect(body).toEqual(example);
  for (const one of Object.values(deliveredExamples)) expect(DeliveredEvent.parse(one)).toEqual(one);
});

describe('AsyncAPI', () => {
  const committed = read('asyncapi.json') as { channels: Record<string, { address: string | null }> };

  test('the committed document is that of the code: npm run schemas -w packages/contracts', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(asyncApiDocument())));
  });

  test('has every subject', () => {
    const addresses = Object.values(committed.channels).map(({ address }) => address);
    for (const subject of [...Object.values(requestSubjects), ...Object.values(noticeSubjects)]) {
      expect(addresses).toContainEqual(
        expect.stringMatching(new RegExp(`^${subject.replaceAll('.', '\\.')}(\\..+)?$`)),
      );
    }
  });
});

describe('spectral', () => {
  const lint = (...files: string[]) => {
    const script = join(import.meta.dirname, '..', 'scripts', 'lint-documents.mjs');
    const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...files], {
      encoding: 'utf8',
      env,
    });
    return { status, output: stdout + stderr };
  };

  test('finds nothing in the committed documents', () => {
    expect(lint(fileOf('openapi.json'), fileOf('asyncapi.json'))).toEqual({ status: 0, output: '' });
  }, 180_000);

  test('finds what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postrider-documents-'));
    const files = [
      { openapi: '3.1.0', info: {}, paths: {} },
      { asyncapi: '3.0.0', info: {}, channels: {} },
    ].map((document, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, JSON.stringify(document));
      return file;
    });
    const { status, output } = lint(...files);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    for (const file of files) expect(output).toContain(`${file}: `);
  }, 180_000);
});
