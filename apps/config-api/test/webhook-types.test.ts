// Webhooks that tell people: what they have, and what they have not.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mailLinkToken, WebhookWithSecret, type MailLinkPurpose } from '@postrider/contracts';
import { systemClock } from '@postrider/runtime';
import { startApi, type TestApi } from './support/api.js';

const linkKey = 'a-key-for-links-in-mails-0123456789';
let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi({ env: { MAIL_LINK_KEY: linkKey } });
  org = await api.organization();
});
afterAll(() => api.stop());

const path = (rest = '') => `/v1/organizations/${org}/webhooks${rest}`;

test.each([
  ['slack', 'https://hooks.slack.com/services/T0/B0/x'],
  [
    'teams',
    'https://prod-12.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?sig=x',
  ],
  ['teams', 'https://default1.ab.environment.api.powerplatform.com/powerautomate/automations/direct/x'],
])('%s: %s is taken, without a secret', async (Type, Url) => {
  const created = await api
    .call('post', path())
    .send({ Type, Url, Topics: ['*'] })
    .expect(201);
  expect(WebhookWithSecret.parse(created.body)).toMatchObject({
    Type,
    Url: Url.replace(':443', ''),
    Email: null,
    HasAuthorization: false,
    SigningSecret: null,
    SecretCreatedAt: null,
    State: 'enabled',
  });
  const { Id } = created.body as WebhookWithSecret;
  expect(api.services.askedFor('createSecret')).toEqual([]);
  const rotated = await api
    .call('post', path(`/${Id}/rotate-secret`))
    .send({})
    .expect(409);
  expect(rotated.body).toMatchObject({ code: 'conflict' });
  const changed = await api
    .call('patch', path(`/${Id}`))
    .send({ Type, Alias: 'ops' })
    .expect(200);
  expect(changed.body).toMatchObject({ Alias: 'ops', Type });
});

test.each<[object, string]>([
  [{ Type: 'webhook' }, '/Type'],
  [{ Authorization: 'Bearer x' }, '/Authorization'],
  [{ Email: 'a@example.com' }, '/Email'],
  [{ Url: 'https://example.com' }, '/Url'],
])('teams: a change to %j is refused', async (patch, pointer) => {
  const Url = 'https://prod-1.westeurope.logic.azure.com/workflows/x';
  const { Id } = await api.webhook(org, { Type: 'teams', Url });
  const response = await api
    .call('patch', path(`/${Id}`))
    .send(patch)
    .expect(422);
  expect(response.body).toMatchObject({ errors: [{ pointer }] });
  await api
    .call('patch', path(`/${Id}`))
    .send({ Authorization: null })
    .expect(200);
});

test('a retired connector is refused with what to do instead', async () => {
  const body = { Type: 'teams', Url: 'https://acme.webhook.office.com/webhookb2/x', Topics: ['*'] };
  const response = await api.call('post', path()).send(body).expect(422);
  expect(response.body).toMatchObject({ detail: expect.stringMatching(/retired.*workflow/) });
});

describe('email', () => {
  const make = async (Email = 'Ops <ops@example.com>') => {
    const own = await api.organization();
    const { Id } = await api.webhook(own, { Type: 'email', Url: undefined, Email });
    const token = (purpose: MailLinkPurpose, email = Email, expiresAt: number | null = Date.now() + 60_000) =>
      mailLinkToken(linkKey, { purpose, organizationId: own, webhookId: Id, expiresAt }, email);
    const read = async () =>
      (await api.call('get', `/v1/organizations/${own}/webhooks/${Id}`).expect(200)).body as Record<
        string,
        unknown
      >;
    const at = (rest = '') => `/v1/organizations/${own}/webhooks/${Id}${rest}`;
    return { own, Id, token, read, at };
  };
  const follow = (token: string) =>
    api
      .call('post', `/v1/mail/${token}`, null)
      .set('Content-Type', 'application/x-www-form-urlencoded')
      .send('List-Unsubscribe=One-Click');

  test('waits for its reader: paused until they agree, then what was held goes out', async () => {
    const { Id, token, read, at } = await make();
    expect(await read()).toMatchObject({
      Type: 'email',
      Email: 'Ops <ops@example.com>',
      Url: null,
      EmailConfirmedAt: null,
      State: 'paused',
    });
    expect(api.services.askedFor('sendConfirmation').at(-1)).toMatchObject({
      WebhookId: Id,
      LinkBase: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect((await api.call('post', at('/resume')).send({}).expect(409)).body).toMatchObject({
      code: 'conflict',
    });

    // Reading the page agrees to nothing.
    const page = await api.call('get', `/v1/mail/${token('confirm')}`, null).expect(200);
    expect(page.text).toContain('<form method="post">');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(await read()).toMatchObject({ EmailConfirmedAt: null, State: 'paused' });

    await follow(token('confirm')).expect(200);
    expect(await read()).toMatchObject({ EmailConfirmedAt: expect.any(Number), State: 'enabled' });
    expect(api.services.askedFor('releaseHeld').at(-1)).toMatchObject({ WebhookId: Id, Held: 'deliver' });
    // Once more it does not resume what a person has paused since.
    await api.call('post', at('/pause')).send({}).expect(200);
    await follow(token('confirm')).expect(200);
    expect(await read()).toMatchObject({ State: 'paused' });
    await api.call('post', at('/send-confirmation')).send({}).expect(409);
  });

  test('ends when its reader wants no more, until they agree anew', async () => {
    const { token, read, at } = await make();
    await follow(token('confirm')).expect(200);
    await follow(token('unsubscribe', undefined, null)).expect(200);
    expect(await read()).toMatchObject({ State: 'disabled', DisabledReason: 'gone', EmailConfirmedAt: null });
    await api.call('post', at('/resume')).send({}).expect(409);
    await follow(token('confirm')).expect(200);
    expect(await read()).toMatchObject({ State: 'enabled', DisabledReason: null });
  });

  test('another address is another reader', async () => {
    const { token, read, at } = await make();
    await follow(token('confirm')).expect(200);
    await api.call('patch', at()).send({ Email: 'Ops <ops@example.com>' }).expect(200);
    expect(await read()).toMatchObject({ State: 'enabled' });
    // Asked less than a minute ago.
    await api.call('patch', at()).send({ Email: 'other@example.com' }).expect(429);
    expect(await read()).toMatchObject({ Email: 'Ops <ops@example.com>', State: 'enabled' });
    const now = jest.spyOn(systemClock, 'now').mockReturnValue(Date.now() + 61_000);
    await api.call('patch', at()).send({ Email: 'other@example.com' }).expect(200);
    now.mockRestore();
    expect(await read()).toMatchObject({
      Email: 'other@example.com',
      State: 'paused',
      EmailConfirmedAt: null,
    });
    await follow(token('confirm')).expect(404);
  });

  test.each<
    [string, (make: (purpose: MailLinkPurpose, email?: string, at?: number | null) => string) => string]
  >([
    ['nonsense', () => 'nonsense'],
    ['of another address', (token) => token('confirm', 'x@example.com')],
    ['that has expired', (token) => token('confirm', undefined, Date.now() - 1)],
    ['made for something else', (token) => token('unsubscribe').replace('unsubscribe', 'confirm')],
    ['that was changed', (token) => token('confirm').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
  ])('a link %s does nothing', async (_what, change) => {
    const { token, read } = await make();
    await follow(change((purpose, email, at) => token(purpose, email, at))).expect(404);
    expect(await read()).toMatchObject({ State: 'paused', EmailConfirmedAt: null });
  });

  test('whose reader can not be asked is not made', async () => {
    const own = await api.organization();
    api.services.away.add('sendConfirmation');
    const body = { Type: 'email', Email: 'a@example.com', Topics: ['*'] };
    await api.call('post', `/v1/organizations/${own}/webhooks`).send(body).expect(503);
    api.services.away.delete('sendConfirmation');
    const list = await api.call('get', `/v1/organizations/${own}/webhooks`).expect(200);
    expect(list.body).toMatchObject({ Data: [] });
  });

  test.each([
    [{ Email: 'nobody' }, '/Email'],
    [{ Email: 'a@example.com\r\nBcc: b@example.com' }, '/Email'],
    [{ Email: 'a@b, c@d' }, '/Email'],
    [{ Email: 'X <a@example.com> <b@example.com>' }, '/Email'],
    [{}, '/Email'],
    [{ Email: 'a@example.com', Url: 'https://example.com' }, '/Url'],
    [{ Email: 'a@example.com', Authorization: 'Bearer x' }, '/Authorization'],
  ])('%j is refused at %s', async (fields, pointer) => {
    const body = { Type: 'email', Topics: ['*'], ...fields };
    const response = await api.call('post', path()).send(body).expect(422);
    expect((response.body as { errors: object[] }).errors[0]).toMatchObject({ pointer });
  });
});
