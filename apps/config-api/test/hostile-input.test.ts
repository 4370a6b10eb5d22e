// "A 500 on any input is a defect": every call of the document with every field, parameter and path part replaced by what
// somebody might send.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Problem } from '@postrider/contracts';
import { sendRequest, type Reply } from '@postrider/test-kit';
import { seedDelivery, seedEvent } from './support/services.js';
import { adminKey, startApi, type TestApi } from './support/api.js';

interface Operation {
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: { $ref?: string } }> };
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, { properties?: object }> };
}

let api: TestApi;
let document: Document;
const known: Record<string, string> = {};
beforeAll(async () => {
  api = await startApi();
  document = (await api.call('get', '/openapi.json')).body as Document;
  known['org'] = await api.organization();
  known['webhooks'] = (await api.webhook(known['org'])).Id;
  const event = await seedEvent(api.database, known['org'], { id: 'evt_1' });
  known['events'] = event.id;
  known['deliveries'] = await seedDelivery(api.database, event, known['webhooks'], { status: 'Failed' });
  known['name'] = 'job.execution.failed';
});
afterAll(() => api.stop());

/** JSON texts rather than values: some can not be made by JSON.stringify. */
const values = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e400',
    '-0',
    '12345678901234567890',
    '9007199254740993',
    '""',
    '" "',
    '[]',
  ],
  ...[
    '{}',
    '[[]]',
    '[null]',
    '{"a":1}',
    '"\\u0000"',
    '"\\ud83d"',
    '"\\uffff"',
    '"💩"',
    '"\\u202emirror"',
    '"%00"',
  ],
  ...[
    '"\'; DROP TABLE webhooks; --"',
    '"__proto__"',
    '"constructor"',
    '{"__proto__":{"a":1}}',
    '"$1"',
    '"../.."',
  ],
  ...[
    '"\\r\\nX-Evil: 1"',
    `"${'x'.repeat(70_000)}"`,
    `[${'1,'.repeat(5_000)}1]`,
    '[{"constructor":{"prototype":1}}]',
  ],
  '['.repeat(20_000) + ']'.repeat(20_000),
  '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
];

const parts = [
  ...[
    '%00',
    '%ff',
    '%zz',
    '%20',
    '-',
    '0',
    'null',
    '__proto__',
    '..%2f..',
    '%F0%9F%92%A9',
    "'%20OR%201=1",
    '*',
    'a.b.c',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'x'.repeat(257),
    '%2e%2e',
    'é',
  ],
];

async function send(method: string, path: string, body?: string): Promise<void> {
  const reply: Reply = await sendRequest(method.toUpperCase(), api.url + path, {
    headers: {
      Authorization: `Bearer ${adminKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
  });
  const what = `${method} ${path} ${body?.slice(0, 200) ?? ''}`;
  if (reply.status < 400) return;
  // Away is an answer to nothing that was sent here.
  expect([what, reply.status < 500]).toEqual([what, true]);
  expect([what, reply.headers['content-type']]).toEqual([what, 'application/problem+json; charset=utf-8']);
  const problem = Problem.safeParse(reply.body);
  expect([what, problem.success]).toEqual([what, true]);
  if (reply.status === 422) expect([what, problem.data?.errors.length]).not.toEqual([what, 0]);
}

function calls(): [string, string, Operation][] {
  return (
    Object.entries(document.paths)
      // The live stream has no end to wait for; what it refuses is in live.test.ts.
      .filter(([path]) => path.startsWith('/v1/') && !path.endsWith('/live'))
      .flatMap(([path, item]) =>
        Object.entries(item).map(([method, call]): [string, string, Operation] => [method, path, call]),
      )
  );
}

/** A path as it is called, `replaced` in the place of one of its parameters. */
function fill(path: string, parameter = '', replaced = ''): string {
  return path.replace(/([\w-]+)\/\{(\w+)\}/g, (_, before: string, name: string) => {
    const value = name === parameter ? replaced : (known[name] ?? known[before] ?? known['webhooks'] ?? '');
    return `${before}/${value}`;
  });
}

test('any value in any field', async () => {
  for (const [method, path, call] of calls()) {
    const schema = Object.values(call.requestBody?.content ?? {})[0]?.schema;
    if (schema === undefined) continue;
    for (const value of values) await send(method, fill(path), value);
    const name = schema.$ref?.split('/').at(-1) ?? '';
    for (const field of Object.keys(document.components.schemas[name]?.properties ?? {})) {
      for (const value of values) await send(method, fill(path), `{${JSON.stringify(field)}:${value}}`);
      const wanted = { Url: 'https://example.com', Topics: ['*'], Name: 'x.y', Scopes: ['webhooks:read'] };
      const rest = Object.entries(wanted).filter(([key]) => key !== field && `${name}`.endsWith('Create'));
      for (const value of values) {
        const others = rest
          .filter(([key]) => key in (document.components.schemas[name]?.properties ?? {}))
          .map(([key, other]) => `,${JSON.stringify(key)}:${JSON.stringify(other)}`);
        await send(method, fill(path), `{${JSON.stringify(field)}:${value}${others.join('')}}`);
      }
    }
  }
}, 120_000);

test('any value in any filter rule', async () => {
  for (const field of ['Field', 'Operator', 'Value']) {
    for (const value of values) {
      const rule = { Field: 'JobId', Operator: 'matches', Value: 'x' };
      const text = JSON.stringify({ ...rule, [field]: '%' }).replace('"%"', () => value);
      await send(
        'post',
        `/v1/organizations/${known['org']}/webhooks`,
        `{"Url":"https://example.com","Topics":["*"],"Filter":[${text}]}`,
      );
    }
  }
});

test('any text in any parameter', async () => {
  for (const [method, path, call] of calls()) {
    if (method === 'delete') continue;
    for (const { name, in: place } of call.parameters ?? []) {
      for (const part of parts) {
        if (place === 'path') await send(method, fill(path, name, part));
        if (place === 'query') await send(method, `${fill(path)}?${name}=${part}`);
        if (place === 'query') await send(method, `${fill(path)}?${name}=${part}&${name}=${part}`);
      }
    }
    for (const part of parts) await send(method, `${fill(path)}?${part}=1`);
  }
}, 60_000);

test('all that was kept can be read', async () => {
  for (const list of ['/v1/topics', '/v1/organizations', `/v1/organizations/${known['org']}/webhooks`]) {
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { body: unknown } = await api
        .call('get', `${list}?Limit=100${cursor && `&Cursor=${cursor}`}`)
        .expect(200);
      cursor = (page.body as { NextCursor: string | null }).NextCursor;
    }
  }
});
