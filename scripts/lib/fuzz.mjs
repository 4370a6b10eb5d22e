// Sends an API what nobody should send it, made from its own OpenAPI document, and judges the answers. The same seed
// makes the same requests.
import { Agent, request as httpRequest } from 'node:http';

const patienceMs = 60_000;

/** Texts that have broken something somewhere. */
const texts = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud83d',
    '\uffff',
    '💩',
    '\u202emirror',
    '%00',
    '..',
    '../..',
    '\r\nX-Evil: 1',
  ],
  ...[
    '__proto__',
    'constructor',
    "'; DROP TABLE webhooks; --",
    '$1',
    '{}',
    'null',
    '-1',
    '1e400',
    'x'.repeat(70_000),
  ],
  ...[
    'https://fuzz.invalid/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'javascript:alert(1)',
    '*',
    'job.execution.*',
  ],
];
const numbers = [
  '0',
  '-1',
  '1.5',
  '1e400',
  '-0',
  '12345678901234567890',
  '9007199254740993',
  '2147483648',
  '1E-7',
];
const odd = [
  ...['null', 'true', '""', '[]', '{}', '[[]]', '[null]', '{"a":1}', '{"__proto__":{"a":1}}', '"\\ud83d"'],
  ...['['.repeat(5_000) + ']'.repeat(5_000), '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)],
];
const broken = [
  '',
  '{',
  '{"a":1,}',
  '\ufeff{}',
  'hello',
  '{"a":1,"a":2}',
  '[',
  '"',
  '{"\u0000":1}',
  '\xff\xfe',
  'NaN',
];
const contentTypes = [
  'application/merge-patch+json',
  'text/plain',
  'application/json; charset=utf-16',
  '',
  'a/b/c',
];

/** mulberry32: small, and the same on every machine. */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, chance: (part) => next() < part, pick: (list) => list[Math.floor(next() * list.length)] };
}

/** Requests without end: `{ method, path, headers, body }`. `known` has ids by the path part that they follow. */
export function* requests(document, random, known) {
  const calls = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  for (;;) {
    const call = random.pick(calls);
    const path = fillPath(call, random, known) + fillQuery(call, random);
    const headers = random.chance(0.05) ? { 'if-match': random.pick(['*', '"1"', 'W/"1"', 'x', '"']) } : {};
    const body = makeBody(call.operation, document, random);
    if (body !== undefined || random.chance(0.02)) {
      headers['content-type'] = random.chance(0.95) ? 'application/json' : random.pick(contentTypes);
    }
    yield {
      method: random.chance(0.02) ? random.pick(['PUT', 'OPTIONS', 'GET']) : call.method,
      path,
      headers,
      body,
    };
  }
}

function fillPath({ path }, random, known) {
  return path.replaceAll(/([\w-]+)\/\{(\w+)\}/g, (_, before) => {
    const ids = known[before] ?? [];
    const isOdd = ids.length === 0 || random.chance(before === 'organizations' ? 0.05 : 0.25);
    return `${before}/${escaped(isOdd ? random.pick([...texts.slice(1), randomId(random)]).slice(0, 300) : random.pick(ids))}`;
  });
}

function fillQuery({ operation }, random) {
  const names = (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name);
  const parts = names
    .filter(() => random.chance(0.4))
    .map(
      (name) =>
        `${name}=${escaped(random.pick([...texts, ...numbers, '1', '10', randomId(random)]).slice(0, 600))}`,
    );
  if (random.chance(0.03)) parts.push(random.pick(['x', '__proto__=1', 'Limit=1&Limit=2', '%zz=1', '=']));
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function makeBody({ requestBody }, document, random) {
  if (requestBody === undefined) return random.chance(0.02) ? '{}' : undefined;
  if (random.chance(0.04)) return random.pick(broken);
  if (random.chance(0.04)) return random.pick(odd);
  const [media] = Object.values(requestBody.content);
  return valueText(media.schema, document, random, 0);
}

/** JSON text, since some of it could not be made by JSON.stringify. Mostly what the schema wants. */
function valueText(schema, document, random, depth) {
  if (random.chance(0.06)) return random.pick([...odd, ...numbers, JSON.stringify(random.pick(texts))]);
  const wanted = schema?.$ref === undefined ? (schema ?? {}) : refer(schema.$ref, document);
  const alternatives = wanted.anyOf ?? wanted.oneOf ?? wanted.allOf;
  if (alternatives !== undefined) return valueText(random.pick(alternatives), document, random, depth);
  if (wanted.const !== undefined) return JSON.stringify(wanted.const);
  if (wanted.enum !== undefined) return JSON.stringify(random.pick(wanted.enum));
  switch ([wanted.type].flat()[0]) {
    case 'object':
      return objectText(wanted, document, random, depth);
    case 'array': {
      const items = Array.from({ length: Math.floor(random.next() * 4) }, () =>
        valueText(wanted.items, document, random, depth + 1),
      );
      return `[${items.join(',')}]`;
    }
    case 'integer':
    case 'number':
      return random.chance(0.7) ? String(Math.floor(random.next() * 40)) : random.pick(numbers);
    case 'boolean':
      return random.pick(['true', 'false']);
    case 'null':
      return 'null';
    default:
      return JSON.stringify(random.chance(0.6) ? plainText(random) : random.pick(texts));
  }
}

function objectText(schema, document, random, depth) {
  const names = Object.keys(schema.properties ?? {});
  const members = names
    .filter((name) => ((schema.required ?? []).includes(name) ? random.chance(0.97) : random.chance(0.4)))
    .map(
      (name) => `${JSON.stringify(name)}:${valueText(schema.properties[name], document, random, depth + 1)}`,
    );
  if (random.chance(0.04)) members.push(`${JSON.stringify(random.pick(texts))}:1`);
  if (random.chance(0.02) && members.length > 0) members.push(members[0]);
  return `{${members.join(',')}}`;
}

function refer(reference, document) {
  return document.components.schemas[reference.split('/').at(-1)] ?? {};
}

const plainText = (random) =>
  random.pick([
    'https://fuzz.invalid/',
    'fuzz',
    'fuzz.topic',
    'job.execution.failed',
    '*',
    'JobId',
    randomId(random),
  ]);

function randomId(random) {
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** As a careless client would: some of it escaped, the rest only as far as a request line can bear it. */
function escaped(text) {
  const wellFormed = text.toWellFormed();
  return wellFormed.startsWith('%') ? wellFormed : encodeURIComponent(wellFormed);
}

/** What is wrong with an answer, or null. */
export function judge({ status, headers, text, tookMs }) {
  if (status >= 500 && !(status === 503 && headers['retry-after'] !== undefined))
    return `answered ${status}: ${text.slice(0, 300)}`;
  if (tookMs > patienceMs) return `took ${tookMs} ms`;
  if (status < 400) return null;
  if (!String(headers['content-type']).startsWith('application/problem+json'))
    return `${status} is no problem+json: ${headers['content-type']}`;
  try {
    const problem = JSON.parse(text);
    if (problem.status !== status || typeof problem.code !== 'string')
      return `the problem says ${problem.status}, the answer ${status}`;
    if (status === 422 && problem.errors.length === 0) return `422 names no field: ${text.slice(0, 300)}`;
  } catch {
    return `${status} does not parse: ${text.slice(0, 300)}`;
  }
  return null;
}

/**
 * Sends `count` requests to `url` and answers what was wrong: `{ sent, statuses, made, faults: [{ request, fault }] }`;
 * `made` are the answers to what was created.
 */
export async function fuzz({ url, key, count, seed, known, parallel = 16, onProgress = () => undefined }) {
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  const random = seeded(seed);
  try {
    const document = JSON.parse(
      (await send(agent, url, { method: 'GET', path: '/openapi.json', headers: {} }, key)).text,
    );
    const source = requests(document, random, known);
    const result = { sent: 0, statuses: {}, made: [], faults: [] };
    const worker = async () => {
      while (result.sent < count && result.faults.length < 20) {
        const request = source.next().value;
        result.sent += 1;
        const fault = await attempt(agent, url, request, key, result);
        if (fault !== null) result.faults.push({ request, fault });
        if (result.sent % 1_000 === 0) onProgress(result.sent);
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    return result;
  } finally {
    agent.destroy();
  }
}

async function attempt(agent, url, request, key, result) {
  try {
    const answer = await send(agent, url, request, key);
    result.statuses[answer.status] = (result.statuses[answer.status] ?? 0) + 1;
    if (answer.status === 201)
      result.made.push({ path: request.path.split('?')[0], body: JSON.parse(answer.text) });
    return judge(answer);
  } catch (error) {
    return `no answer: ${error.message}`;
  }
}

function send(agent, url, { method, path, headers, body }, key) {
  const { hostname, port } = new URL(url);
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body, 'utf8');
    const length = bytes === undefined ? {} : { 'content-length': bytes.length };
    const options = {
      ...{ agent, hostname, port, method, path, timeout: patienceMs },
      headers: { authorization: `Bearer ${key}`, ...length, ...headers },
    };
    const request = httpRequest(options, (response) => {
      const chunks = [];
      const done = () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const tookMs = Math.round(performance.now() - begun);
        resolve({ status: response.statusCode, headers: response.headers, text, tookMs });
      };
      response.on('data', (chunk) => chunks.push(chunk)).once('error', reject);
      // A stream of events has no end: that it begins is the answer.
      if (String(response.headers['content-type']).startsWith('text/event-stream')) {
        done();
        response.removeListener('error', reject).on('error', () => undefined);
        request.destroy();
      } else response.once('end', done);
    });
    request.once('timeout', () => request.destroy(new Error(`nothing for ${patienceMs} ms`)));
    request.on('error', reject);
    request.end(bytes);
  });
}
