// config-api asks for a ping, or for the example of a topic: an event with a named target, which takes the way of every
// event from here on.
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { requestSubjects } from '@postrider/contracts';
import { answerJson } from '@postrider/messaging';
import type { Logger } from '@postrider/runtime';
import { EventPipeline } from '../event.pipeline.js';
import { LOGGER } from '../tokens.js';

@Controller()
export class PingDoor {
  constructor(
    @Inject(EventPipeline) private readonly pipeline: EventPipeline,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @MessagePattern(requestSubjects.ping)
  ping(payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'ping',
      payload,
      ({ OrganizationId, WebhookId }) => this.pipeline.acceptPing(OrganizationId, WebhookId),
      (error) => this.logger.error({ error }, 'ping.failed'),
    );
  }

  @MessagePattern(requestSubjects.sendExample)
  sendExample(payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'sendExample',
      payload,
      ({ OrganizationId, WebhookId, Topic, Data }) =>
        this.pipeline.acceptExample(OrganizationId, WebhookId, Topic, Data),
      (error) => this.logger.error({ error }, 'example.failed'),
    );
  }
}
