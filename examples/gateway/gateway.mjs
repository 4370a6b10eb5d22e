// A gateway before config-api: your app's users sign in as they always do, and each reaches Postrider with the scopes that
// your app gives them. Every user gets an API key with just those scopes, made on first use and kept here alone, so that
// Postrider itself enforces them; browsers never see one.
//   API_URL=http://localhost:3000 ADMIN_API_KEY=… node examples/gateway/gateway.mjs users.json
// users.json: [{"Name":"ada","Token":"…","Organization":"<id>","Role":"editor"}]
import { timingSafeEqual, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';

/** What your app's roles may do. */
export const rolesToScopes = {
  viewer: ['webhooks:read', 'deliveries:read'],
  operator: ['webhooks:read', 'deliveries:resend'],
  editor: ['webhooks:write', 'secrets:rotate', 'deliveries:resend'],
};

/** All that is let through; the organization is the user's own and never the caller's to say. */
const resources = /^\/(webhooks|deliveries|replays|events|stats|live|filters)(\/|\?|$)/;
const keyLifetimeMs = 3_600_000;
const renewBeforeMs = 60_000;

const digest = (text) => createHash('sha256').update(text).digest();

/** Here a list of tokens; in your app: the session that you have already. */
function userOf(users, authorization = '') {
  const given = digest(authorization.replace(/^Bearer /, ''));
  return users.find(({ Token }) => timingSafeEqual(digest(Token), given));
}

const problem = (reply, status, code, detail) =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: code, status, code, detail });

/** A user's key is made once, and anew before it expires. */
function keyRing({ apiUrl, adminKey }) {
  const keys = new Map();
  const make = async ({ Name, Organization, Role }, ExpiresAt) => {
    const response = await fetch(`${apiUrl}/v1/organizations/${Organization}/api-keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ Name: `gateway: ${Name}`, Scopes: rolesToScopes[Role], ExpiresAt }),
    });
    if (!response.ok) throw new Error(`no key for ${Name}: ${response.status} ${await response.text()}`);
    return (await response.json()).Key;
  };
  return (user) => {
    const kept = keys.get(user.Name);
    if (kept !== undefined && kept.until > Date.now() + renewBeforeMs) return kept.key;
    const until = Date.now() + keyLifetimeMs;
    const key = make(user, until);
    keys.set(user.Name, { key, until });
    key.catch(() => keys.delete(user.Name));
    return key;
  };
}

/** Passes a request on and streams the answer back: server-sent events come as they happen. */
function pass(apiUrl, request, reply, { path, key }) {
  const { 'content-type': type, 'if-match': ifMatch, accept, 'last-event-id': lastEvent } = request.headers;
  const body = request.body;
  const headers = {
    authorization: `Bearer ${key}`,
    ...(accept && { accept }),
    ...(type && { 'content-type': type }),
    ...(ifMatch && { 'if-match': ifMatch }),
    ...(lastEvent && { 'last-event-id': lastEvent }),
    ...(body && { 'content-length': body.length }),
  };
  const send = apiUrl.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const upstream = send(`${apiUrl}${path}`, { method: request.method, headers }, (answer) => {
      const kept = ['content-type', 'etag', 'retry-after', 'cache-control', 'x-request-id'];
      for (const name of kept) if (answer.headers[name]) reply.header(name, answer.headers[name]);
      resolve(reply.code(answer.statusCode).send(answer));
    });
    upstream.once('error', () => resolve(problem(reply, 502, 'bad_gateway', 'Postrider is away: try again')));
    // Who leaves ends the stream behind it too.
    reply.raw.once('close', () => upstream.destroy());
    upstream.end(body);
  });
}

export async function startGateway({ apiUrl, adminKey, users, port = 0, host = '127.0.0.1' }) {
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 262_144 });
  const keyOf = keyRing({ apiUrl, adminKey });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.all('/*', async (request, reply) => {
    const user = userOf(users, request.headers.authorization);
    if (user === undefined) return problem(reply, 401, 'unauthorized', 'sign in first');
    // As the API will read it: what goes up and down in a path must not lead out of the organization.
    const { pathname, search } = new URL(request.url, 'http://gateway');
    if (!resources.test(pathname) || /%2f|%5c|\\/i.test(pathname)) {
      return problem(reply, 404, 'not_found', 'there is nothing here');
    }
    const path = `/v1/organizations/${user.Organization}${pathname}${search}`;
    return pass(apiUrl, request, reply, { path, key: await keyOf(user) });
  });
  const url = await app.listen({ port, host });
  return { url, stop: () => app.close() };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { API_URL: apiUrl = 'http://localhost:3000', ADMIN_API_KEY: adminKey, PORT = '3100' } = process.env;
  const [, , file] = process.argv;
  if (!adminKey || !file) {
    console.error('usage: API_URL=… ADMIN_API_KEY=… node examples/gateway/gateway.mjs <users.json>');
    process.exit(2);
  }
  const users = JSON.parse(readFileSync(file, 'utf8'));
  const { url } = await startGateway({ apiUrl, adminKey, users, port: Number(PORT) });
  console.log(`gateway on ${url}`);
}
