import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { LiveDeliveries, Uuid } from '@postrider/contracts';
import { Authenticator, type CallerRequest } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { LiveFeed } from './live-feed.js';
import { LiveStreams, type LiveStream } from './live-streams.js';

const LiveQuery = z.strictObject({ WebhookId: Uuid.optional() });

@ApiTags('Deliveries')
@Controller('v1/organizations/:org/live')
export class LiveController {
  constructor(
    @Inject(LiveFeed) private readonly feed: LiveFeed,
    @Inject(LiveStreams) private readonly streams: LiveStreams,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  @Get()
  @Operation({
    summary: 'Watch deliveries as they change',
    description:
      'Server-sent events: `event: deliveries` with the deliveries that changed since the last, and how many more; a ' +
      'comment every 15 s. At most once: what is missed shows in the list. Ends when the key or session does.',
    access: 'deliveries:read',
    status: 200,
    answer: LiveDeliveries,
  })
  @ApiProduces('text/event-stream')
  async watch(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: LiveQuery }) { WebhookId }: z.infer<typeof LiveQuery>,
    @Req() request: CallerRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // First a place among those who watch: where there is none, nothing has been opened.
    let stream: LiveStream | null = null;
    const end = this.feed.listen(org, ({ Data, More }) => {
      const data =
        WebhookId === undefined ? Data : Data.filter((delivery) => delivery.WebhookId === WebhookId);
      if (data.length > 0 || More > 0) stream?.send('deliveries', { Data: data, More });
    });
    stream = this.streams.open(() => this.authenticator.callerOf(request));
    stream.onEnd(end);
    await reply
      .header('Cache-Control', 'no-store, no-transform')
      // nginx would keep events back until its buffer is full.
      .header('X-Accel-Buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(stream.body);
  }
}
