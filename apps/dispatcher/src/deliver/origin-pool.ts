// Connections to receivers: an undici Client per connection, lent to one request at a time. That way the way of a
// connection (name, TCP, TLS, reuse) belongs to exactly one request, which undici's Pool would not tell.
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { AnswerGuard, maxAnswerBytes } from './answer-guard.js';
import type { Connector, ConnectPhase, ConnectProgress } from './connector.js';

/** A connection, or the promise of one: undici connects when there is something to send. */
export class Connection implements ConnectProgress {
  phase: ConnectPhase = 'dns';
  socket: Socket | null = null;
  /** Requests answered on the present socket: more than 0 means that it is reused. */
  served = 0;
  idleSinceMs = 0;
  private guard: AnswerGuard | null = null;
  isGivenUp = false;
  readonly client: Client;

  constructor(
    readonly origin: string,
    connector: Connector,
  ) {
    this.client = new Client(origin, {
      // The guard's limits come first.
      maxHeaderSize: maxAnswerBytes,
      // Deadlines are the request's own: undici's restart with every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      pipelining: 1,
      connect: (options, callback) => {
        this.served = 0;
        this.socket = null;
        const secure = options.protocol === 'https:';
        const port = Number(options.port) || (secure ? 443 : 80);
        connector.open({ hostname: options.hostname, port, secure }, this, (error, socket) => {
          if (error !== null) callback(error, null);
          else if (socket !== null) {
            this.socket = socket;
            this.guard = new AnswerGuard(socket);
            callback(null, socket);
          }
        });
      },
    });
  }

  /** Whether the next request goes out on a socket that has answered before. */
  get isReused(): boolean {
    return this.served > 0 && this.socket !== null && !this.socket.destroyed;
  }

  /** A request is about to go out. */
  expectAnswer(): void {
    this.guard?.expect();
  }

  /** The headers of its answer are there. */
  gotHeaders(): void {
    this.guard?.end();
  }

  /** Ends it at once, wherever it is. */
  destroy(): void {
    this.isGivenUp = true;
    this.socket?.destroy();
    this.client.destroy().catch(() => undefined);
  }
}

const keepAliveMs = 30_000;
const idleLimitMs = 35_000;
const sweepMs = 5_000;

export class OriginPool {
  /** Idle connections by origin; origins in order of use, the least recent first. */
  private readonly idle = new Map<string, Connection[]>();
  private idleCount = 0;
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly connector: Connector,
    private readonly options: {
      readonly maxIdle: number;
      readonly now: () => number;
    },
  ) {
    this.sweeper = setInterval(() => this.sweep(), sweepMs);
    this.sweeper.unref();
  }

  /** An idle connection to the origin (the one used last), or a new one. */
  acquire(origin: string): Connection {
    const connections = this.idle.get(origin);
    const connection = connections?.pop();
    if (connection === undefined) return this.fresh(origin);
    this.idleCount -= 1;
    return connection;
  }

  /** One that has never been used. */
  fresh(origin: string): Connection {
    return new Connection(origin, this.connector);
  }

  /** Takes back a connection whose request has ended well. */
  release(connection: Connection): void {
    connection.served += 1;
    connection.idleSinceMs = this.options.now();
    const connections = this.idle.get(connection.origin) ?? [];
    // Set anew, so that the map stays in order of use.
    this.idle.delete(connection.origin);
    this.idle.set(connection.origin, connections);
    connections.push(connection);
    this.idleCount += 1;
    if (this.idleCount > this.options.maxIdle) this.evict();
  }

  private evict(): void {
    for (const [origin, connections] of this.idle) {
      const connection = connections.shift();
      if (connections.length === 0) this.idle.delete(origin);
      if (connection === undefined) continue;
      this.idleCount -= 1;
      connection.destroy();
      return;
    }
  }

  private sweep(): void {
    const oldest = this.options.now() - idleLimitMs;
    for (const [origin, connections] of this.idle) {
      while (connections[0] !== undefined && connections[0].idleSinceMs < oldest) {
        connections.shift()?.destroy();
        this.idleCount -= 1;
      }
      if (connections.length === 0) this.idle.delete(origin);
    }
  }

  close(): void {
    clearInterval(this.sweeper);
    for (const connections of this.idle.values()) for (const connection of connections) connection.destroy();
    this.idle.clear();
    this.idleCount = 0;
  }
}
