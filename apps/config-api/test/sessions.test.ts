// Browsers sign in: by key or portal link, with a cookie that scripts can't read and a token against foreign pages.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopes, type Session } from '@postrider/contracts';
import supertest from 'supertest';
import { adminKey, startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi({ env: { PORTAL_PARENTS: 'https://app.example.com' } });
  org = await api.organization();
});
afterAll(() => api.stop());

interface Browser {
  readonly cookie: string;
  readonly session: Session;
  readonly call: (method: 'get' | 'post' | 'delete', path: string, csrf?: string | null) => supertest.Test;
}

const signIn = (body: object) => supertest(api.url).post('/v1/session').send(body);

async function browser(body: object): Promise<Browser> {
  const response = await signIn(body).expect(201);
  const cookie = String(response.headers['set-cookie']).split(';')[0] ?? '';
  const session = response.body as Session;
  return {
    cookie,
    session,
    call: (method, path, csrf = session.CsrfToken) => {
      const request = supertest(api.url)[method](path).set('Cookie', cookie);
      return csrf === null ? request : request.set('X-CSRF-Token', csrf);
    },
  };
}

async function portalToken(key: string | undefined, body: object): Promise<string> {
  const response = await api
    .call('post', `/v1/organizations/${org}/portal-links`, key)
    .send(body)
    .expect(201);
  return (response.body as { Url: string }).Url.split('#')[1] ?? '';
}

describe('signing in by key', () => {
  test('sets a cookie that scripts and foreign pages can not use, and says who it is', async () => {
    const response = await signIn({ Key: adminKey }).expect(201);
    const cookie = String(response.headers['set-cookie']);
    expect(cookie).toMatch(/^postrider_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.body).toMatchObject({ Kind: 'admin', OrganizationId: null, Scopes: [...scopes] });
  });

  test('is Secure, and bound to this host, where browsers come by https', async () => {
    const response = await signIn({ Key: adminKey }).set('X-Forwarded-Proto', 'https').expect(201);
    expect(String(response.headers['set-cookie'])).toMatch(/^__Host-postrider_session=.*; Secure$/);
  });

  test('of an organization may do what the key may, there alone', async () => {
    const { session, call } = await browser({ Key: await api.key(org, 'webhooks:read') });
    expect(session).toMatchObject({
      Kind: 'organization',
      OrganizationId: org,
      OrganizationName: 'Acme',
      Scopes: ['webhooks:read'],
    });
    await call('get', `/v1/organizations/${org}/webhooks`).expect(200);
    await call('get', `/v1/organizations/${org}/deliveries`).expect(403);
    await call('get', `/v1/organizations/${await api.organization()}/webhooks`).expect(404);
    await call('get', '/v1/organizations').expect(403);
  });

  test.each([
    [{ Key: 'pr_unknown' }, 401, 'unauthorized'],
    [{ PortalToken: 'unknown' }, 401, 'unauthorized'],
    [{}, 422, 'invalid_fields'],
    [{ Key: adminKey, Extra: 1 }, 422, 'invalid_fields'],
  ])('%j is refused', async (body, status, code) => {
    const response = await signIn(body).expect(status);
    expect(response.body).toMatchObject({ code });
    expect(response.headers['set-cookie']).toBeUndefined();
  });
});

describe('a session', () => {
  test('changes something only with its own CSRF token', async () => {
    const one = await browser({ Key: adminKey });
    const other = await browser({ Key: adminKey });
    const path = `/v1/organizations/${org}/portal-links`;
    for (const token of [null, '', 'wrong', other.session.CsrfToken]) {
      const response = await one.call('post', path, token).send({ Scopes: ['webhooks:read'] });
      expect([response.status, (response.body as { code: string }).code]).toEqual([
        403,
        'csrf_token_missing',
      ]);
    }
    await one
      .call('post', path)
      .send({ Scopes: ['webhooks:read'] })
      .expect(201);
    // A page that was loaded anew learns its token again.
    const again = await one.call('get', '/v1/session', null).expect(200);
    expect(again.body).toEqual(one.session);
  });

  test('ends by signing out', async () => {
    const { call } = await browser({ Key: adminKey });
    const response = await call('delete', '/v1/session').expect(204);
    expect(String(response.headers['set-cookie'])).toContain('Max-Age=0');
    await call('get', '/v1/session').expect(401);
  });

  test('ends with its key', async () => {
    const key = await api.key(org, 'webhooks:read');
    const { call } = await browser({ Key: key });
    const list = await api.call('get', `/v1/organizations/${org}/api-keys?Limit=1`).expect(200);
    const [{ Id }] = (list.body as { Data: [{ Id: string }] }).Data;
    await api.call('delete', `/v1/organizations/${org}/api-keys/${Id}`).expect(204);
    await call('get', '/v1/session').expect(401);
  });

  test('ends when its time is up, when its organization is deleted, and with another admin key', async () => {
    const [late, admin] = await Promise.all([browser({ Key: adminKey }), browser({ Key: adminKey })]);
    await api.database.query(
      `UPDATE sessions SET expires_at = now_ms() - 1 WHERE hash = sha256(convert_to($1, 'UTF8'))`,
      [late.cookie.split('=')[1]],
    );
    await late.call('get', '/v1/session').expect(401);
    await api.database.query(
      `UPDATE sessions SET admin_proof = $2 WHERE hash = sha256(convert_to($1, 'UTF8'))`,
      [admin.cookie.split('=')[1], Buffer.alloc(32)],
    );
    await admin.call('get', '/v1/session').expect(401);
    const gone = await api.organization('Gone');
    const member = await browser({ Key: await api.key(gone, 'webhooks:read') });
    await api.call('delete', `/v1/organizations/${gone}`).expect(204);
    await member.call('get', '/v1/session').expect(401);
  });

  test('is not asked for where a key is sent', async () => {
    const { cookie } = await browser({ Key: await api.key(org, 'webhooks:read') });
    await api.call('get', '/v1/organizations').set('Cookie', cookie).expect(200);
  });

  test('keeps no token in the database', async () => {
    const { cookie } = await browser({ Key: adminKey });
    const token = cookie.split('=')[1] ?? '';
    const rows = await api.database.query<{ text: string }>(
      'SELECT encode(hash, $1) || encode(admin_proof, $1) AS text FROM sessions WHERE admin_proof IS NOT NULL',
      ['escape'],
    );
    expect(rows.map(({ text }) => text).join()).not.toContain(token);
  });
});

describe('a portal link', () => {
  test('opens one session, once, with its own scopes', async () => {
    const key = await api.key(org, 'keys:manage', 'webhooks:write');
    const token = await portalToken(key, { Scopes: ['webhooks:read'] });
    const { session, call } = await browser({ PortalToken: token });
    expect(session).toMatchObject({ Kind: 'organization', OrganizationId: org, Scopes: ['webhooks:read'] });
    await call('get', `/v1/organizations/${org}/webhooks`).expect(200);
    await call('post', `/v1/organizations/${org}/webhooks`).send({}).expect(403);
    await signIn({ PortalToken: token }).expect(401);
  });

  test('gives away only scopes that its maker has, and expires', async () => {
    const key = await api.key(org, 'keys:manage');
    const path = `/v1/organizations/${org}/portal-links`;
    const refused = await api
      .call('post', path, key)
      .send({ Scopes: ['deliveries:read'] })
      .expect(403);
    expect(refused.body).toMatchObject({ code: 'scope_missing', errors: [{ pointer: '/Scopes/0' }] });
    const late = await portalToken(undefined, { Scopes: ['webhooks:read'], ExpiresInSeconds: 60 });
    await api.database.query('UPDATE portal_links SET expires_at = now_ms() - 1');
    await signIn({ PortalToken: late }).expect(401);
  });

  test('ends with the key that made it, and so do the sessions that it opened', async () => {
    const key = await api.key(org, 'keys:manage', 'webhooks:read');
    const used = await portalToken(key, { Scopes: ['webhooks:read'] });
    const unused = await portalToken(key, { Scopes: ['webhooks:read'] });
    const { call } = await browser({ PortalToken: used });
    const list = await api.call('get', `/v1/organizations/${org}/api-keys?Limit=1`).expect(200);
    const [{ Id }] = (list.body as { Data: [{ Id: string }] }).Data;
    await api.call('delete', `/v1/organizations/${org}/api-keys/${Id}`).expect(204);
    await call('get', '/v1/session').expect(401);
    await signIn({ PortalToken: unused }).expect(401);
  });
});
