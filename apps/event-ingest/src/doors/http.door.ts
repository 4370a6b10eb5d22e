// The HTTP door: POST /v1/organizations/{org}/events.
import { Body, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { AcceptedEvent } from '@postrider/contracts';
import { RequireScope } from '@postrider/runtime';
import { z } from 'zod';
import { EventPipeline } from '../event.pipeline.js';

@Controller('v1/organizations/:org/events')
export class HttpDoor {
  constructor(@Inject(EventPipeline) private readonly pipeline: EventPipeline) {}

  /** One event, or an array of up to 100, all of which are accepted or none; answered once it is committed. */
  @Post()
  @HttpCode(202)
  @RequireScope('events:publish')
  publish(
    @Param('org') organizationId: string,
    @Query({ schema: z.strictObject({}) }) _query: unknown,
    @Body() body: Buffer | undefined,
  ): Promise<AcceptedEvent | AcceptedEvent[]> {
    return this.pipeline.acceptRequest(organizationId.toLowerCase(), body ?? Buffer.alloc(0));
  }
}
