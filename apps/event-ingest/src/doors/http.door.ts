// The HTTP door: POST /v1/organizations/{org}/events.
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { AcceptedEvent } from '@postrider/contracts';
import { parseWith, RequireScope, TokenBuckets } from '@postrider/runtime';
import { z } from 'zod';
import { EventPipeline } from '../event.pipeline.js';

/** What is read of Fastify's request. */
interface PublishRequest {
  readonly query: unknown;
  readonly params: { readonly org: string };
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer | undefined;
}

const noParameters = z.strictObject({});

@Controller('v1/organizations/:org/events')
export class HttpDoor {
  constructor(
    @Inject(EventPipeline) private readonly pipeline: EventPipeline,
    @Inject(TokenBuckets) private readonly rate: TokenBuckets,
  ) {}

  /** One event, or an array of up to 100 (also as CloudEvents 1.0, structured, binary or in a batch), all of which are accepted or none; answered once it is committed. */
  @Post()
  @HttpCode(202)
  @RequireScope('events:publish')
  async publish(@Req() request: PublishRequest): Promise<AcceptedEvent | AcceptedEvent[]> {
    // Read here rather than by Nest's decorators, each of which has its pipe and waits a turn: 4 % of this service's part.
    parseWith(noParameters, request.query, 'query');
    const organizationId = request.params.org.toLowerCase();
    this.rate.require(organizationId, 'publishing for an organization');
    const body = request.body ?? Buffer.alloc(0);
    const accepted = await this.pipeline.acceptRequest(organizationId, body, request.headers);
    this.rate.charge(organizationId, Array.isArray(accepted) ? accepted.length : 1);
    return accepted;
  }
}
