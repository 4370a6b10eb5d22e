// The deliver stage as a test uses it: its own pool of connections, one call per attempt.
import { parseEgressRules, type EgressRules } from '@postrider/egress';
import { Connector, type ConnectorOptions } from '../src/deliver/connector.js';
import { HttpClient, type DeliveryResult, type OutgoingRequest } from '../src/deliver/http-client.js';
import { OriginPool } from '../src/deliver/origin-pool.js';

export const localRules = parseEgressRules({
  ALLOW_HTTP_ENDPOINTS: 'true',
  EGRESS_ALLOW: '127.0.0.0/8,::1/128',
  EGRESS_PORTS: '*',
});

export interface Sender {
  readonly send: (origin: string, changes?: Partial<OutgoingRequest>) => Promise<DeliveryResult>;
  readonly close: () => void;
}

export interface SenderOptions extends ConnectorOptions {
  readonly rules?: EgressRules;
  readonly maxIdle?: number;
}

export const exampleBody = Buffer.from('{"Id":"1","Data":{"a":1}}');

export function makeConnections(options: SenderOptions = {}): OriginPool {
  return new OriginPool(new Connector(options.rules ?? localRules, options), {
    maxIdle: options.maxIdle ?? 100,
    now: Date.now,
  });
}

export function makeSender(options: SenderOptions = {}): Sender {
  const pool = makeConnections(options);
  const client = new HttpClient(pool);
  return {
    send: (origin, changes = {}) =>
      client.send({
        origin,
        path: '/in?x=1',
        headers: ['Content-Type', 'application/json; charset=utf-8', 'X-Postrider-Trigger', 'event'],
        body: exampleBody,
        timeoutSeconds: 5,
        ...changes,
      }),
    close: () => pool.close(),
  };
}
