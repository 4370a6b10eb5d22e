// kill -9 of dispatcher and event-ingest under load, with the ledger: every accepted event is received and verified.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WebhookWithSecret } from '@postrider/contracts';
import {
  startReceiver,
  startSystem,
  type Receiver,
  type ServiceName,
  type TestSystem,
} from '@postrider/test-kit';
import { Customer } from './support/client.js';
import { Ledger } from './support/ledger.js';

let system: TestSystem;
let receiver: Receiver;
let customer: Customer;
let webhook: WebhookWithSecret;

beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
  customer = await Customer.signUp(system);
  // A short timeout is a short lease: 1 s + 10 s.
  webhook = await customer.addWebhook(receiver.url, { TimeoutSeconds: 1 });
});
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});

test.each<ServiceName>(['dispatcher', 'event-ingest'])(
  'kill -9 of %s under 200 events/s loses nothing',
  async (service) => {
    receiver.clear();
    const ledger = new Ledger(customer);
    const publishing = ledger.publishFor({ seconds: 4, perSecond: 200 });
    for (let kill = 0; kill < 2; kill += 1) {
      const target = 250 * (kill + 1);
      await system.waitFor(
        'enough to be under way',
        () => ledger.accepted.size >= target || publishing.isDone,
      );
      await system.service(service).kill('SIGKILL');
      await system.service(service).restart();
    }
    await publishing.done;
    expect(ledger.accepted.size).toBeGreaterThan(300);
    // Again within the lease (11 s) and 5 s more.
    await system.waitFor(
      'every accepted event',
      () => ledger.missingIn(receiver.requests, webhook).length === 0,
      { timeoutMs: 30_000 },
    );
    const report = ledger.report(receiver.requests, webhook);
    expect(report).toMatchObject({ lost: 0, unverified: 0, unknown: 0 });
    // Twice at most what was under way at the kills.
    expect(report.duplicates).toBeLessThanOrEqual(200);
  },
);
