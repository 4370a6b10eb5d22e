import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withEventDoor } from '@postrider/contracts/documents';
import { startApi, type TestApi } from './support/api.js';

interface Operation {
  readonly summary?: string;
  readonly security?: object[];
  readonly parameters: { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly info: object;
  readonly security: object[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object>; securitySchemes: object };
}

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await startApi();
  document = (await api.call('get', '/openapi.json', null).expect(200)).body as Document;
});
afterAll(() => api.stop());

const mediaType = (path: string) => (path.endsWith('/live') ? 'text/event-stream' : 'application/json');

function operation(method: string, path: string): Operation {
  const found = document.paths[path]?.[method];
  if (found === undefined) throw new Error(`not documented: ${method} ${path}`);
  return found;
}

describe('the document', () => {
  test('is OpenAPI 3.1 with a security scheme', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.securitySchemes).toMatchObject({ ApiKey: { type: 'http', scheme: 'bearer' } });
  });

  test('refers to nothing that it lacks', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      expect(name).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas).toHaveProperty([name.slice('#/components/schemas/'.length)]);
    }
  });

  test('has for every call a summary, its path parameters, an answer with a schema, and its problems', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      if (!path.startsWith('/v1/')) continue;
      for (const [method, call] of Object.entries(item)) {
        const where = `${method} ${path}`;
        expect([where, call.summary]).toEqual([where, expect.any(String)]);
        for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
          expect([where, call.parameters]).toEqual([
            where,
            expect.arrayContaining([
              expect.objectContaining({
                name,
                in: 'path',
                required: true,
                schema: expect.objectContaining({ type: 'string', pattern: expect.any(String) }),
              }),
            ]),
          ]);
        }
        const good = Object.entries(call.responses).filter(([status]) => status.startsWith('2'));
        expect([where, good.length]).not.toEqual([where, 0]);
        for (const [status, answer] of good) {
          expect([where, answer.content?.[mediaType(path)]?.schema ?? null]).toEqual([
            where,
            status === '204' ? null : expect.anything(),
          ]);
        }
        for (const status of ['401', '403', '404', '422', '503']) {
          expect(call.responses[status]?.content).toEqual({
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          });
        }
      }
    }
  });

  test('shows the bodies that are checked', () => {
    expect(operation('post', '/v1/organizations/{org}/webhooks')).toMatchObject({
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookCreate' } } },
      },
      responses: {
        201: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookWithSecret' } } },
        },
      },
    });
    expect(operation('patch', '/v1/organizations/{org}/webhooks/{id}').requestBody?.content).toEqual({
      'application/merge-patch+json': { schema: { $ref: '#/components/schemas/WebhookPatch' } },
      'application/json': { schema: { $ref: '#/components/schemas/WebhookPatch' } },
    });
    expect(document.components.schemas['WebhookCreate']).toMatchObject({
      type: 'object',
      required: ['Topics'],
      additionalProperties: false,
      properties: { TimeoutSeconds: { type: 'integer', minimum: 1, maximum: 30, default: 15 } },
    });
    expect(operation('post', '/v1/organizations/{org}/webhooks/{id}/resume').requestBody?.required).toBe(
      false,
    );
    const list = operation('get', '/v1/organizations/{org}/webhooks').responses['200']?.content?.[
      'application/json'
    ];
    expect(list?.schema).toMatchObject({
      type: 'object',
      properties: { Data: { type: 'array', items: { $ref: '#/components/schemas/Webhook' } } },
    });
  });

  test('shows every query parameter with its kind', () => {
    const { parameters } = operation('get', '/v1/organizations/{org}/deliveries');
    const queries = parameters.filter((parameter) => parameter.in === 'query');
    expect(queries.map((parameter) => parameter.name).sort()).toEqual(
      ['Cursor', 'EventId', 'From', 'Limit', 'Status', 'To', 'Topic', 'WebhookId'].sort(),
    );
    expect(queries.filter((parameter) => parameter.required)).toEqual([]);
    expect(queries.find((parameter) => parameter.name === 'Limit')?.schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 25,
    });
    expect(queries.find((parameter) => parameter.name === 'Status')?.schema).toMatchObject({
      enum: expect.arrayContaining(['Pending', 'Held']),
    });
    expect(operation('patch', '/v1/organizations/{org}/webhooks/{id}').parameters).toContainEqual(
      expect.objectContaining({ name: 'If-Match', in: 'header', required: false }),
    );
  });

  test('tells receivers what they get, and shows an example of every body', () => {
    const { webhooks } = document as unknown as { webhooks: Record<string, { post: Operation }> };
    expect(webhooks['event']?.post.requestBody?.content['application/json']?.schema).toEqual({
      $ref: '#/components/schemas/DeliveredEvent',
    });
    const without = Object.entries(document.components.schemas).filter(
      ([, schema]) => !('examples' in schema),
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  test('the committed one is this, with the door of event-ingest: npm run api-documents', () => {
    const file = new URL('../../../docs/api/openapi.json', import.meta.url);
    const text = `${JSON.stringify(withEventDoor(document), null, 2)}\n`;
    if (process.env['POSTRIDER_WRITE_API_DOCUMENTS'] === '1') writeFileSync(file, text);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text));
  });

  test('opens what needs no key', () => {
    expect(operation('get', '/health/live').security).toEqual([]);
    expect(operation('get', '/v1/topics').security).toBeUndefined();
    expect(document.security).toEqual([{ ApiKey: [] }]);
  });
});

test('without a dashboard the address itself shows the documents', async () => {
  const bare = await startApi({ env: { DASHBOARD_DIR: '/nowhere' } });
  try {
    await bare.call('get', '/', null).expect(302).expect('Location', '/docs');
  } finally {
    await bare.stop();
  }
});

test('/docs loads everything from here', async () => {
  const page = await api
    .call('get', '/docs', null)
    .expect(200)
    .expect('Content-Type', /text\/html/);
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
  expect(files.length).toBeGreaterThanOrEqual(4);
  for (const file of files) {
    expect(file).toMatch(/^\/docs\//);
    await api.call('get', file, null).expect(200);
  }
  expect(page.text).not.toMatch(/https?:/);
  const start = await api.call('get', '/docs/start.js', null).expect('Content-Type', /javascript/);
  expect(start.text).toContain('validatorUrl: null');
  for (const file of ['package.json', '..%2fpackage.json', 'constructor', '__proto__']) {
    await api.call('get', `/docs/${file}`, null).expect(404);
  }
});
