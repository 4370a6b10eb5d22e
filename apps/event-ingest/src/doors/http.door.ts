// The HTTP door: POST /v1/organizations/{org}/events.
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { AcceptedEvent } from '@postrider/contracts';
import { RequireScope, TokenBuckets } from '@postrider/runtime';
import { z } from 'zod';
import { EventPipeline } from '../event.pipeline.js';

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
  async publish(
    @Param('org') org: string,
    @Query({ schema: z.strictObject({}) }) _query: unknown,
    @Headers() headers: Record<string, string | undefined>,
    @Body() body: Buffer | undefined,
  ): Promise<AcceptedEvent | AcceptedEvent[]> {
    const organizationId = org.toLowerCase();
    this.rate.require(organizationId, 'publishing for an organization');
    const accepted = await this.pipeline.acceptRequest(organizationId, body ?? Buffer.alloc(0), headers);
    this.rate.charge(organizationId, Array.isArray(accepted) ? accepted.length : 1);
    return accepted;
  }
}
