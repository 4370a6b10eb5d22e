import { serviceNames, type SystemStatus } from '@postrider/contracts';
import { askStatus, type Messaging } from '@postrider/messaging';
import type { StatusTeller } from '@postrider/runtime';

/** Longer than a readiness check may take (2 s): who waits for a database that is away answers too. */
const timeoutMs = 2_600;
const quietMs = 200;

export async function readSystem(messaging: Messaging, teller: StatusTeller): Promise<SystemStatus> {
  const askedAt = Date.now();
  const natsConnected = messaging.isConnected;
  const [own, heard] = await Promise.all([
    teller.status(),
    askStatus(messaging, { services: serviceNames, timeoutMs, quietMs }),
  ]);
  // It has asked itself as well, but knows of itself without NATS too.
  const all = [own, ...heard.filter(({ InstanceId }) => InstanceId !== own.InstanceId)];
  return {
    AskedAt: askedAt,
    NatsConnected: natsConnected,
    Services: serviceNames.map((name) => ({
      Name: name,
      Instances: all
        .filter(({ Service }) => Service === name)
        .sort((a, b) => a.InstanceId.localeCompare(b.InstanceId)),
    })),
  };
}
