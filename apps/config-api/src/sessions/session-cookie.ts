// The cookie that carries a session. RFC 6265bis: `__Host-` binds it to this very host, and to https.
import type { FastifyRequest } from 'fastify';

const plainName = 'postrider_session';
const secureName = `__Host-${plainName}`;

/** Whether browsers reach us by https: the public address says so, or the proxy in front of us. */
export function isSecure(request: FastifyRequest, publicUrl: string | null): boolean {
  if (publicUrl !== null) return publicUrl.startsWith('https:');
  return request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
}

export function readSessionCookie(request: FastifyRequest, secure: boolean): string | null {
  const name = secure ? secureName : plainName;
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || null;
  }
  return null;
}

export function sessionCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
  const name = secure ? secureName : plainName;
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${Math.max(0, maxAgeSeconds)}`];
  if (secure) attributes.push('Secure');
  return [`${name}=${token}`, ...attributes].join('; ');
}
