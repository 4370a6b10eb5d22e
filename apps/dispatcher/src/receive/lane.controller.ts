// The fast lane's end: batches of messages, many deliveries in each. A message that does not parse is recorded and
// dropped: its deliveries come due by their lease.
import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { bodyPrefix, decodeLaneMessage, type LaneDelivery, type LaneEvent } from '@postrider/contracts';
import type { PulledMessage } from '@postrider/messaging';
import type { DeliveryTask, TaskEvent } from '../task.js';

export const LANE_RECEIVER = Symbol('LANE_RECEIVER');

export interface LaneReceiver {
  readonly accept: (task: DeliveryTask) => void;
  /** Resolves when there is room for more. */
  readonly whenRoom: () => Promise<void>;
  readonly onInvalid: (error: unknown) => void;
}

@Controller()
export class LaneController {
  constructor(@Inject(LANE_RECEIVER) private readonly receiver: LaneReceiver) {}

  @EventPattern('lane')
  async receive(@Payload() messages: PulledMessage[]): Promise<void> {
    for (const message of messages) {
      await this.receiver.whenRoom();
      this.receiveOne(message);
    }
  }

  private receiveOne(message: PulledMessage): void {
    let deliveries: LaneDelivery[];
    try {
      deliveries = decodeLaneMessage(message.data);
    } catch (error) {
      this.receiver.onInvalid(error);
      return;
    }
    const events = new Map<LaneEvent, TaskEvent>();
    for (const delivery of deliveries) this.receiver.accept(toTask(delivery, events));
  }
}

function toTask(delivery: LaneDelivery, events: Map<LaneEvent, TaskEvent>): DeliveryTask {
  let event = events.get(delivery.event);
  if (event === undefined) {
    const { id, topic, text, traceparent } = delivery.event;
    event = { id, topic, bodyPrefix: bodyPrefix(text), traceparent };
    events.set(delivery.event, event);
  }
  return {
    organizationId: delivery.event.organizationId,
    deliveryId: delivery.id,
    webhookId: delivery.webhookId,
    event,
    leaseUntil: delivery.leaseUntil,
    trigger: delivery.trigger,
    attemptNumber: 1,
    scheduledAttempts: 0,
    isClaimed: false,
    resendId: null,
  };
}
