// Signs as product.md section 2 says, apart from the code under test.
import { createHmac } from 'node:crypto';

export const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
export const otherSecret = 'whsec_AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw=';
export const nowMs = 1_700_000_000_000;

export function hubHeaders(body: string, key: string): Record<string, string> {
  return { 'x-hub-signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` };
}

export function standardHeaders(body: string, keys: readonly string[], atMs: number): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'));
    return `v1,${hmac.update(`evt_1.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': 'evt_1', 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** As Postrider sends it: both forms. */
export function signed(body: string, atMs = nowMs): Record<string, string> {
  return { ...hubHeaders(body, secret), ...standardHeaders(body, [secret], atMs) };
}
