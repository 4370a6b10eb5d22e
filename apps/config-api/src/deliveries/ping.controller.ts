import { Body, Controller, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeliveryWithAttempts, Uuid } from '@postrider/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Nothing } from '../http/nothing.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Ping } from './ping.js';

const PingQuery = z.strictObject({
  wait: z.enum(['true', 'false'], { error: 'must be true or false' }).default('true'),
});

@ApiTags('Webhooks')
@Controller('v1/organizations/:org/webhooks/:id/ping')
export class PingController {
  constructor(@Inject(Ping) private readonly ping: Ping) {}

  @Post()
  @Operation({
    summary: 'Ping a webhook',
    description:
      'Sends `webhook.ping` through the whole pipeline, whatever the topics, filter and state of the webhook, and ' +
      'answers the delivery with its attempt; 202 with `wait=false`, or where it takes longer than an attempt may.',
    access: 'webhooks:write',
    status: 200,
    alsoStatus: 202,
    answer: DeliveryWithAttempts,
  })
  async send(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Query({ schema: PingQuery }) query: z.infer<typeof PingQuery>,
    @Body({ schema: Nothing }) _body: object,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeliveryWithAttempts> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { finished, delivery } = await this.ping.run(org, id, query.wait === 'true', gone.signal);
    reply.status(finished ? 200 : 202);
    return delivery;
  }
}
