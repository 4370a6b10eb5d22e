// The dispatcher tells what has become of a webhook: an event for the organization's other webhooks.
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { requestSubjects } from '@postrider/contracts';
import { answerJson } from '@postrider/messaging';
import type { Logger } from '@postrider/runtime';
import { EventPipeline } from '../event.pipeline.js';
import { LOGGER } from '../tokens.js';

@Controller()
export class OperationalDoor {
  constructor(
    @Inject(EventPipeline) private readonly pipeline: EventPipeline,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @MessagePattern(requestSubjects.operationalEvent)
  accept(payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'operationalEvent',
      payload,
      (told) => this.pipeline.acceptOperational(told),
      (error) => this.logger.error({ error }, 'operational.event.failed'),
    );
  }
}
