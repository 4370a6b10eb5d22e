// The NATS door: JetStream's EVENTS stream, in batches. A batch is acknowledged when this resolves, and comes again when
// it rejects.
import { Controller, Inject } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { PulledMessage } from '@postrider/messaging';
import { failPoint } from '@postrider/runtime';
import { EventPipeline } from '../event.pipeline.js';

@Controller()
export class NatsDoor {
  constructor(@Inject(EventPipeline) private readonly pipeline: EventPipeline) {}

  @EventPattern('events')
  async take(messages: PulledMessage[]): Promise<void> {
    await this.pipeline.acceptMessages(messages);
    failPoint('events.before-ack');
  }
}
