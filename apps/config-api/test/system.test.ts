import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceName, ServiceStatus, SystemStatus } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { answerStatus, Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
const others: Messaging[] = [];
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => {
  await Promise.all(others.map((messaging) => messaging.close()));
  await api.stop();
});

/** An instance of another service, with that service's own NATS user. */
async function startInstance(name: ServiceName, more: Partial<ServiceStatus> = {}): Promise<string> {
  const user = name === 'event-ingest' ? 'event_ingest' : (name as 'dispatcher' | 'signer');
  const messaging = await Messaging.open({ natsUrl: api.nats.urlFor(user), name, onStatus: () => undefined });
  others.push(messaging);
  const status: ServiceStatus = {
    Service: name,
    InstanceId: newId(),
    Version: '9.9.9',
    StartedAt: 1_000,
    Ready: true,
    Checks: [{ Name: 'nats', Ok: true, Reason: null }],
    Figures: {},
    ...more,
  };
  answerStatus(messaging, async () => status);
  await messaging.flush();
  return status.InstanceId;
}

const read = async (): Promise<SystemStatus> =>
  (await api.call('get', '/v1/system').expect(200)).body as SystemStatus;

test('every instance is told, and a service that does not answer has none', async () => {
  const ingest = await startInstance('event-ingest', {
    Figures: { EventsPending: 7, EventsUnacknowledged: null },
  });
  const dispatchers = [
    await startInstance('dispatcher'),
    await startInstance('dispatcher', {
      Ready: false,
      Checks: [{ Name: 'database', Ok: false, Reason: 'no answer within 2 s' }],
    }),
  ];
  const { Services, NatsConnected } = await read();
  expect(NatsConnected).toBe(true);
  expect(
    Services.map(({ Name, Instances }) => [Name, Instances.map(({ InstanceId }) => InstanceId)]),
  ).toEqual([
    ['config-api', [expect.any(String)]],
    ['event-ingest', [ingest]],
    ['dispatcher', dispatchers],
    ['signer', []],
  ]);
  const [own, accepting, delivering] = Services.map(({ Instances }) => Instances);
  expect(own?.[0]).toMatchObject({ Service: 'config-api', Ready: true });
  expect(own?.[0]?.Checks.map(({ Name }) => Name)).toEqual(['database', 'nats']);
  expect(accepting?.[0]?.Figures).toEqual({ EventsPending: 7, EventsUnacknowledged: null });
  expect(delivering?.[1]).toMatchObject({ Ready: false, Checks: [{ Reason: 'no answer within 2 s' }] });
});

test('while NATS is away the answering instance still tells of itself, and that it knows of no other', async () => {
  await api.nats.stop();
  await waitFor('the loss to be noticed', async () => !(await read()).NatsConnected);
  const { Services } = await read();
  expect(Services.map(({ Instances }) => Instances.length)).toEqual([1, 0, 0, 0]);
  expect(Services[0]?.Instances[0]).toMatchObject({
    Ready: false,
    Checks: [{ Ok: true }, { Name: 'nats', Ok: false, Reason: expect.stringContaining('NATS is away') }],
  });
});
