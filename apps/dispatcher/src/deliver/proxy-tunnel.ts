// EGRESS_PROXY: the way out of networks that let nothing out but through an HTTP proxy. The proxy is asked for a tunnel
// (CONNECT, RFC 9110 section 9.3.6) to the very address that was judged: it has no name to look up anew.
import { isIPv6, type Socket } from 'node:net';

export interface EgressProxy {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The value of Proxy-Authorization, or null. */
  readonly authorization: string | null;
}

export interface TunnelTarget {
  readonly address: string;
  readonly port: number;
}

const maxHeadBytes = 16_384;
const headEnd = '\r\n\r\n';

/** `http://proxy:3128`, with `user:password@` where it wants to know who calls; null where it is no such URL. */
export function parseProxyUrl(text: string): EgressProxy | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'http:' || hostname === '' || pathname !== '/' || search !== '' || hash !== '')
    return null;
  const credentials = decoded(`${username}:${password}`);
  if (credentials === null) return null;
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    authorization: credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * Asks for a tunnel on a connection to the proxy; from `onOpen(null)` on, what is written arrives at the target. What the
 * proxy says stays here: its words may name internal hosts.
 */
export function openTunnel(
  socket: Socket,
  proxy: EgressProxy,
  { address, port }: TunnelTarget,
  onOpen: (error: Error | null) => void,
): void {
  const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.authorization !== null) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  let head = Buffer.alloc(0);
  const onReadable = (): void => {
    for (let chunk = readFrom(socket); chunk !== null; chunk = readFrom(socket)) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(headEnd);
      if (end === -1 && head.length <= maxHeadBytes) continue;
      socket.off('readable', onReadable);
      const isOpen = end !== -1 && /^HTTP\/1\.[01] 2\d\d(?: |\r)/.test(head.toString('latin1', 0, end + 2));
      const rest = head.subarray(end + headEnd.length);
      if (isOpen && rest.length > 0) socket.unshift(rest);
      onOpen(isOpen ? null : refused());
      return;
    }
  };
  socket.on('readable', onReadable);
  socket.write(lines.join('\r\n') + headEnd);
}

function readFrom(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}

function refused(): Error {
  return Object.assign(new Error('the proxy opened no tunnel'), { code: 'EPROXY' });
}
