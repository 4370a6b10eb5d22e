import { expect, test } from '@jest/globals';
import { encodeLaneMessage, type LaneDelivery, type LaneEvent } from '@postrider/contracts';
import type { PulledMessage } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { organizationId } from '../../test/makers.js';
import type { DeliveryTask } from '../task.js';
import { Intake } from './intake.js';
import { LaneController } from './lane.controller.js';

interface Desk {
  readonly lane: LaneController;
  readonly intake: Intake;
  readonly accepted: DeliveryTask[];
  readonly handedBack: DeliveryTask[];
  readonly invalid: unknown[];
  room: number;
}

function makeDesk(): Desk {
  const [accepted, handedBack, invalid]: [DeliveryTask[], DeliveryTask[], unknown[]] = [[], [], []];
  const intake = new Intake({
    room: () => desk.room,
    accept: (task) => {
      accepted.push(task);
      desk.room -= 1;
    },
    handBack: (task) => handedBack.push(task),
    onInvalid: (error) => invalid.push(error),
  });
  const desk: Desk = { lane: new LaneController(intake), intake, accepted, handedBack, invalid, room: 1_000 };
  return desk;
}

const event = (id: string): LaneEvent => ({
  organizationId,
  id,
  topic: 'job.execution.failed',
  text: Buffer.from(`{"Id":"${id}","Data":{"ä":1}}`),
});
const delivery = (of: LaneEvent, id: string, trigger: 'event' | 'ping' = 'event'): LaneDelivery => ({
  event: of,
  id,
  webhookId: `w-${id}`,
  leaseUntil: 1_700_000_000_000,
  trigger,
});
const message = (data: Uint8Array): PulledMessage => ({
  subject: 'postrider.deliveries.v1',
  data,
  messageId: null,
  headers: null,
  reply: '',
});

test('every delivery of a message becomes a task; those of one event share its bytes', async () => {
  const desk = makeDesk();
  const [one, two] = [event('e1'), event('e2')];
  await desk.lane.receive([
    message(encodeLaneMessage([delivery(one, 'd1'), delivery(two, 'd2'), delivery(one, 'd3', 'ping')])),
  ]);
  const [first, second, third] = desk.accepted;
  expect(first).toEqual({
    organizationId,
    deliveryId: 'd1',
    webhookId: 'w-d1',
    event: { id: 'e1', topic: 'job.execution.failed', bodyPrefix: Buffer.from('{"Id":"e1","Data":{"ä":1}') },
    leaseUntil: 1_700_000_000_000,
    trigger: 'event',
    attemptNumber: 1,
    scheduledAttempts: 0,
    isClaimed: false,
    resendId: null,
  });
  expect(second?.event.id).toBe('e2');
  expect(third?.trigger).toBe('ping');
  expect(third?.event).toBe(first?.event);
});

test('a message that does not parse is told and does not hold up its neighbours', async () => {
  const desk = makeDesk();
  const good = message(encodeLaneMessage([delivery(event('e1'), 'd1')]));
  const cut = message(good.data.slice(0, -3));
  await desk.lane.receive([message(Buffer.from('nonsense')), message(Buffer.alloc(0)), cut, good]);
  expect(desk.invalid).toHaveLength(3);
  expect(desk.accepted.map(({ deliveryId }) => deliveryId)).toEqual(['d1']);
});

test('no more is taken than finds room, and the rest as soon as there is some', async () => {
  const desk = makeDesk();
  desk.room = 1;
  const messages = ['d1', 'd2', 'd3'].map((id) => message(encodeLaneMessage([delivery(event(id), id)])));
  const received = desk.lane.receive(messages);
  await waitFor('the first', () => desk.accepted.length === 1);
  desk.intake.look();
  expect(desk.accepted).toHaveLength(1);
  desk.room = 1;
  desk.intake.look();
  await waitFor('the second', () => desk.accepted.length === 2);
  // Also where nobody says that there is room.
  desk.room = 1;
  await received;
  expect(desk.accepted).toHaveLength(3);
});

test('closed, it waits for no room and hands back what still comes', async () => {
  const desk = makeDesk();
  desk.room = 0;
  const received = desk.lane.receive([message(encodeLaneMessage([delivery(event('e1'), 'd1')]))]);
  desk.intake.close();
  await received;
  expect([desk.accepted, desk.handedBack.map(({ deliveryId }) => deliveryId)]).toEqual([[], ['d1']]);
});
