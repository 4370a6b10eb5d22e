import { Body, Controller, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeliveryWithAttempts, SendExample, Uuid } from '@postrider/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Nothing } from '../http/nothing.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Ping, type PingAnswer, type Waiting } from './ping.js';

const PingQuery = z.strictObject({
  wait: z.enum(['true', 'false'], { error: 'must be true or false' }).default('true'),
});

@ApiTags('Webhooks')
@Controller('v1/organizations/:org/webhooks/:id')
export class PingController {
  constructor(@Inject(Ping) private readonly ping: Ping) {}

  @Post('ping')
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
    return answer(reply, await this.ping.ping(org, id, waiting(query, reply)));
  }

  @Post('send-example')
  @Operation({
    summary: "Send a topic's example to a webhook",
    description:
      'As a ping: through the whole pipeline, to this webhook alone, whatever its topics, filter and state, with one ' +
      'attempt; the same answers.',
    access: 'webhooks:write',
    status: 200,
    alsoStatus: 202,
    answer: DeliveryWithAttempts,
  })
  async sendExample(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Query({ schema: PingQuery }) query: z.infer<typeof PingQuery>,
    @Body({ schema: SendExample }) body: SendExample,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeliveryWithAttempts> {
    return answer(reply, await this.ping.sendExample(org, id, body.Topic, waiting(query, reply)));
  }
}

function waiting(query: z.infer<typeof PingQuery>, reply: FastifyReply): Waiting {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return { wait: query.wait === 'true', caller: gone.signal };
}

function answer(reply: FastifyReply, { finished, delivery }: PingAnswer): DeliveryWithAttempts {
  reply.status(finished ? 200 : 202);
  return delivery;
}
