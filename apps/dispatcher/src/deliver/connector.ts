// Opens the socket of a request: resolve once, judge every address, connect to one of just those, keep Host and SNI.
// undici's own connector would skip the judgement for IP literals (it looks up no name there).
import { lookup, type LookupAddress } from 'node:dns';
import { connect as tcpConnect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as tlsConnect, createSecureContext, type SecureContext } from 'node:tls';
import { judgeAddress, type EgressRules } from '@postrider/egress';
import { openTunnel, type EgressProxy } from './proxy-tunnel.js';

/** How far the connection has come: names the timeout that ends it. */
export type ConnectPhase = 'dns' | 'connect' | 'tls' | 'open';

export interface ConnectTarget {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
}

/** What the opener and whoever waits for the connection know of each other. */
export interface ConnectProgress {
  phase: ConnectPhase;
  /** Set as soon as there is one, so that a deadline can destroy it. */
  socket: Socket | null;
  /** Nobody waits for it any more. */
  readonly isGivenUp: boolean;
}

type Opened = (error: Error | null, socket: Socket | null) => void;

/** The address, or one of the addresses, is forbidden. What it is stays in the service: it may be internal. */
export class EgressBlockedError extends Error {
  override readonly name = 'EgressBlockedError';
}

export class DnsError extends Error {
  override readonly name = 'DnsError';
}

export interface ConnectorOptions {
  /** PEM certificates of the authorities to trust; by default those of Node.js and of NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
  /** All addresses of a name, by default as the system resolves it; rejects with a DnsError. */
  readonly resolve?: (hostname: string) => Promise<LookupAddress[]>;
  /** All connections lead through it; what they lead to is judged all the same. */
  readonly proxy?: EgressProxy | null;
}

const maxSessions = 2_000;

export class Connector {
  /** TLS sessions by host and port, so that the next handshake is short. */
  private readonly sessions = new Map<string, Buffer>();
  private readonly lookups = new Map<string, Promise<LookupAddress[]>>();
  /** Whom all connections trust, read once: making it anew for each is an eighth of what a handshake costs. */
  private trusted: SecureContext | undefined;

  constructor(
    private readonly rules: EgressRules,
    private readonly options: ConnectorOptions = {},
  ) {}

  /** Calls back once, with an open socket (after TLS) or an error. */
  open(target: ConnectTarget, progress: ConnectProgress, callback: Opened): void {
    progress.phase = 'dns';
    this.addresses(target.hostname).then(
      (addresses) => {
        if (progress.isGivenUp) {
          callback(closedEarly(), null);
          return;
        }
        if (addresses.some(({ address }) => !judgeAddress(address, this.rules).allowed)) {
          callback(new EgressBlockedError('the address is not one that webhooks may be sent to'), null);
          return;
        }
        this.connect(target, addresses, progress, callback);
      },
      (error: Error) => callback(error, null),
    );
  }

  private connect(
    target: ConnectTarget,
    addresses: readonly LookupAddress[],
    progress: ConnectProgress,
    callback: Opened,
  ): void {
    progress.phase = 'connect';
    const { proxy = null } = this.options;
    const tcp = tcpConnect({
      ...(proxy === null
        ? {
            host: target.hostname,
            port: target.port,
            autoSelectFamily: addresses.length > 1,
            lookup: fixedLookup(addresses),
          }
        : { host: proxy.hostname, port: proxy.port }),
      noDelay: true,
      keepAlive: true,
    });
    progress.socket = tcp;
    let settled = false;
    const settle = (error: Error | null, socket: Socket | null) => {
      if (settled) return;
      settled = true;
      if (error !== null) tcp.destroy();
      callback(error, socket);
    };
    const onError = (error: Error) => settle(error, null);
    const onClose = () => settle(closedEarly(), null);
    tcp.once('error', onError).once('close', onClose);
    const onArrival = (): void => {
      if (!target.secure) {
        tcp.off('error', onError).off('close', onClose);
        progress.phase = 'open';
        settle(null, tcp);
        return;
      }
      progress.phase = 'tls';
      this.secure(target, tcp, (error, socket) => {
        tcp.off('error', onError).off('close', onClose);
        if (error === null) progress.phase = 'open';
        settle(error, socket);
      });
    };
    tcp.once('connect', () => {
      const [first] = addresses;
      if (proxy === null || first === undefined) onArrival();
      else
        openTunnel(tcp, proxy, { address: first.address, port: target.port }, (error) =>
          error === null ? onArrival() : settle(error, null),
        );
    });
  }

  private secure(target: ConnectTarget, tcp: Socket, callback: Opened): void {
    const key = `${target.hostname}:${target.port}`;
    const tls = tlsConnect({
      socket: tcp,
      // SNI is for names only, and without the final dot: RFC 6066 section 3.
      ...(isIP(target.hostname) === 0
        ? { servername: target.hostname.replace(/\.$/, '') }
        : { host: target.hostname }),
      ALPNProtocols: ['http/1.1'],
      // Said, since NODE_TLS_REJECT_UNAUTHORIZED would otherwise turn it off.
      rejectUnauthorized: true,
      secureContext: (this.trusted ??= createSecureContext({ ca: this.options.ca })),
      session: this.sessions.get(key),
    });
    tls.on('session', (session: Buffer) => this.remember(key, session));
    const onError = (error: Error) => callback(error, null);
    const onClose = () => callback(closedEarly(), null);
    tls.once('error', onError).once('close', onClose);
    tls.once('secureConnect', () => {
      tls.off('error', onError).off('close', onClose);
      callback(null, tls);
    });
  }

  private remember(key: string, session: Buffer): void {
    this.sessions.delete(key);
    if (this.sessions.size >= maxSessions) {
      const [oldest] = this.sessions.keys();
      if (oldest !== undefined) this.sessions.delete(oldest);
    }
    this.sessions.set(key, session);
  }

  /** All addresses of a host; connections that are opened at the same time share one lookup. */
  private addresses(hostname: string): Promise<LookupAddress[]> {
    const family = isIP(hostname);
    if (family !== 0) return Promise.resolve([{ address: hostname, family }]);
    let pending = this.lookups.get(hostname);
    if (pending === undefined) {
      pending = (this.options.resolve ?? resolveAll)(hostname).finally(() => this.lookups.delete(hostname));
      this.lookups.set(hostname, pending);
    }
    return pending;
  }
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection was closed before it was established'), {
    code: 'ECONNRESET',
  });
}

function resolveAll(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error !== null) reject(new DnsError(dnsMessage(error.code), { cause: error }));
      else if (addresses.length === 0) reject(new DnsError('the host name has no address'));
      else resolve(addresses);
    });
  });
}

function dnsMessage(code: string | undefined): string {
  if (code === 'ENOTFOUND') return 'the host name does not exist (NXDOMAIN) or has no address';
  if (code === 'EAI_AGAIN') return 'the name servers of the host did not answer (SERVFAIL or timeout)';
  return `the host name could not be resolved (${code ?? 'unknown'})`;
}

/** Hands Node the addresses that were judged, so that it can't ask again and get others. */
function fixedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}
