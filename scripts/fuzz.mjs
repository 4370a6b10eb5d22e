// `npm run fuzz -- --requests 10000 --seed 1`, beside a running `npm start` (or --url and ADMIN_API_KEY): sends config-api
// what its OpenAPI document allows and forbids, in an organization of its own, and ends with 1 on any fault.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fuzz } from './lib/fuzz.mjs';
import { localFile } from './lib/paths.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    url: { type: 'string' },
  },
});
const numberOf = (name) => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} must be an integer, not ${JSON.stringify(values[name])}`);
  process.exit(1);
};
const [count, seed] = [numberOf('requests'), numberOf('seed')];

function readTarget() {
  if (values.url !== undefined) return { url: values.url, key: process.env.ADMIN_API_KEY ?? '' };
  try {
    const { ApiUrl, AdminApiKey } = JSON.parse(readFileSync(localFile, 'utf8'));
    return { url: ApiUrl, key: AdminApiKey };
  } catch {
    console.error('Postrider is not running here: start it with npm start, or name another with --url');
    process.exit(1);
  }
}

const { url, key } = readTarget();

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

console.log(`${count} requests to ${url}, seed ${seed}`);
const organization = (await call('POST', '/v1/organizations', { Name: 'fuzz' })).Id;
const webhook = (
  await call('POST', `/v1/organizations/${organization}/webhooks`, {
    Url: 'https://fuzz.invalid/',
    Topics: ['*'],
  })
).Id;
const known = { organizations: [organization], webhooks: [webhook], topics: ['fuzz.topic'] };
const onProgress = (sent) => console.log(`${sent} sent`);
const { sent, statuses, made, faults } = await fuzz({ url, key, count, seed, known, onProgress });
const organizations = made.filter(({ path }) => path === '/v1/organizations').map(({ body }) => body.Id);
const topics = made.filter(({ path }) => path === '/v1/topics').map(({ body }) => body.Name);
for (const id of [organization, ...organizations])
  await call('DELETE', `/v1/organizations/${id}`).catch(() => undefined);
for (const name of topics) await call('DELETE', `/v1/topics/${name}`).catch(() => undefined);
console.log(
  `${sent} sent: ${Object.entries(statuses)
    .map(([status, n]) => `${n} × ${status}`)
    .join(', ')}`,
);
for (const { request, fault } of faults) {
  console.error(
    `${request.method} ${request.path.slice(0, 300)} ${request.body?.slice(0, 500) ?? ''}\n  ${fault}`,
  );
}
process.exit(faults.length === 0 ? 0 : 1);
