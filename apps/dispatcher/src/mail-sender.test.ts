// Mail, to a real SMTP server.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readMailLink } from '@postrider/contracts';
import { startMailServer, type MailServer } from '@postrider/test-kit';
import { makeWebhook } from '../test/makers.js';
import { MailSender } from './mail-sender.js';
import { tellDigest } from './render/digest.policy.js';
import { tellStory } from './render/story.policy.js';

let server: MailServer;
let sender: MailSender;
const config = {
  from: { name: 'Postrider', address: 'post@example.com' },
  linkKey: 'k'.repeat(32),
  publicUrl: 'https://postrider.example.com',
};
beforeAll(async () => {
  server = await startMailServer();
  sender = new MailSender({ ...config, smtpUrl: server.url });
});
afterEach(() => server.refuse(null));
afterAll(async () => {
  sender.close();
  await server.stop();
});

const webhook = (changes: Parameters<typeof makeWebhook>[0] = {}) =>
  makeWebhook({
    Type: 'email',
    Url: null,
    Email: 'Ops Zażółć <ops@example.com>',
    EmailConfirmedAt: 1,
    Alias: 'ops',
    ...changes,
  });
const contextOf = (data: Record<string, unknown>) => ({
  story: tellStory({ topic: 'job.execution.failed', createdAt: 1, resource: null, actor: null, data }),
  event: { topic: 'job.execution.failed', id: 'evt_1' },
  alias: 'ops',
  events: 1,
});

test('tells what matters, in text and HTML, with what mail programs need to know', async () => {
  const data = {
    Alias: 'Nightly <b>',
    ExitCode: 137,
    Message: 'Zażółć & <script>',
    Url: 'https://example.com/?a=1',
  };
  const { request, result, failure } = await sender.send(webhook(), ['d-1'], contextOf(data));
  expect([failure, result?.response?.statusCode]).toEqual([null, 250]);
  const mail = server.mails.at(-1);
  expect([mail?.from, mail?.to]).toEqual(['post@example.com', ['ops@example.com']]);
  expect(mail?.header('Subject')).toBe('[ops] Nightly <b> failed');
  expect(mail?.header('Message-ID')).toBe('<d-1@example.com>');
  expect(mail?.header('Auto-Submitted')).toBe('auto-generated');
  expect(mail?.header('X-Postrider-Event-Id')).toBe('evt_1');
  expect(mail?.header('List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  const link = (mail?.header('List-Unsubscribe') ?? '').replaceAll(/[<> ]/g, '');
  expect(link).toMatch(/^https:\/\/postrider\.example\.com\/v1\/mail\//);
  expect(readMailLink(link.slice(link.lastIndexOf('/') + 1))).toMatchObject({
    purpose: 'unsubscribe',
    expiresAt: null,
  });
  expect(mail?.text).toContain('Exit status: 137');
  expect(mail?.text).toContain('Zażółć & <script>');
  expect(mail?.text).toContain('Zażółć &#38; &#60;script&#62;');
  expect(request).toMatchObject({
    Url: 'mailto:ops@example.com',
    Headers: { Subject: '[ops] Nightly <b> failed', 'Message-ID': '<d-1@example.com>' },
    Body: expect.stringContaining('Exit status: 137'),
  });
});

test('a digest has a Message-ID of its deliveries, the same as long as they are', async () => {
  const story = tellDigest([{ topic: 'order.paid', story: null }], 0);
  const context = { story, alias: 'ops', event: null, events: 3 };
  for (const ids of [
    ['d-7', 'd-8', 'd-9'],
    ['d-7', 'd-8', 'd-9'],
    ['d-7', 'd-8'],
  ]) {
    expect((await sender.send(webhook(), ids, context)).failure).toBeNull();
  }
  const [first, again, other] = server.mails.slice(-3);
  expect(first?.header('Message-ID')).toMatch(/^<digest\.[0-9a-f]{32}@example\.com>$/);
  expect(again?.header('Message-ID')).toBe(first?.header('Message-ID'));
  expect(other?.header('Message-ID')).not.toBe(first?.header('Message-ID'));
  expect(first?.header('X-Postrider-Events')).toBe('3');
  expect(first?.header('X-Postrider-Event-Id')).toBeUndefined();
});

test('nothing that is told can add a header or a recipient', async () => {
  const before = server.mails.length;
  const nasty = 'x\r\nBcc: victim@example.com\r\n\r\nbody';
  const context = { ...contextOf({ Alias: nasty, Message: '.\r\nQUIT\r\n' }), alias: nasty };
  await sender.send(webhook({ Alias: nasty }), ['d-2'], context);
  expect(server.mails).toHaveLength(before + 1);
  const mail = server.mails.at(-1);
  expect(mail?.header('Bcc')).toBeUndefined();
  expect(mail?.to).toEqual(['ops@example.com']);
});

test.each([
  [451, 'mail_deferred', undefined],
  [550, 'mail_refused', true],
] as const)('a server that answers %i: %s', async (code, expected, isFinal) => {
  server.refuse(code);
  const { result, failure } = await sender.send(webhook(), ['d-3'], contextOf({}));
  expect(failure?.code).toBe(expected);
  expect(failure?.isFinal).toBe(isFinal);
  expect(result?.response?.statusCode).toBe(code);
});

test('no server is a failure that is tried again', async () => {
  const lost = new MailSender({ ...config, smtpUrl: 'smtp://127.0.0.1:1' });
  const { failure } = await lost.send(webhook(), ['d-4'], contextOf({}));
  lost.close();
  expect(failure?.code).toBe('mail_deferred');
  expect(failure?.isFinal).toBeUndefined();
});

test('nothing but the question goes to who has not agreed', async () => {
  const before = server.mails.length;
  const unconfirmed = webhook({ EmailConfirmedAt: null });
  const { result, failure } = await sender.send(unconfirmed, ['d-5'], contextOf({}));
  expect([result, failure?.code, failure?.isFinal]).toEqual([null, 'recipient_unconfirmed', true]);
  const asked = await sender.sendConfirmation(unconfirmed, 'http://127.0.0.1:3000');
  expect(asked.failure).toBeNull();
  expect(server.mails).toHaveLength(before + 1);
  const [, token = ''] =
    /http:\/\/127\.0\.0\.1:3000\/v1\/mail\/([\w.-]+)/.exec(server.mails.at(-1)?.text ?? '') ?? [];
  expect(readMailLink(token)).toMatchObject({ purpose: 'confirm', webhookId: unconfirmed.Id });
});
