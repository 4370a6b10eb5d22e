import { freePort } from '../../../scripts/lib/for-tests.mjs';
import { startNats, type TestNats } from './nats.js';

export interface TestNatsCluster {
  /** All servers, as NATS_URL has them. */
  readonly url: string;
  /** By the name that JetStream has for each. */
  readonly servers: ReadonlyMap<string, TestNats>;
  stop(): Promise<void>;
}

/** Servers that have yet to choose their leader: until then JetStream refuses. */
export async function startNatsCluster(size: number): Promise<TestNatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, () => freePort()));
  const entries = ports.map(async (port) => {
    const name = `postrider-${port}`;
    return [name, await startNats({ cluster: { name, port, ports } })] as const;
  });
  const servers = new Map(await Promise.all(entries));
  const all = [...servers.values()];
  return {
    url: all.map(({ url }) => url).join(','),
    servers,
    stop: async () => void (await Promise.all(all.map((server) => server.stop()))),
  };
}
