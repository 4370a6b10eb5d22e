import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  EventDetail,
  EventId,
  EventSummary,
  listOf,
  ListQuery,
  RejectedEvent,
  Uuid,
} from '@postrider/contracts';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { findEventJson } from './find-event.js';
import { EventsQuery, listEvents } from './list-events.js';
import { listRejectedEvents } from './list-rejected-events.js';

@ApiTags('Events')
@Controller('v1')
export class EventsController {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  @Get('organizations/:org/events')
  @Operation({
    summary: 'List accepted events',
    description: 'Newest first.',
    access: 'deliveries:read',
    status: 200,
    answer: listOf(EventSummary),
  })
  list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: EventsQuery }) query: EventsQuery,
  ): Promise<Page<EventSummary>> {
    return listEvents(this.pool, org, query);
  }

  @Get('organizations/:org/events/:id')
  @Operation({
    summary: 'Read an event',
    description:
      '`Data` and `PreviousData` as they were published; `Webhooks` says of each webhook whether it got the event, or ' +
      'else why not, judged by the webhook as it is now.',
    access: 'deliveries:read',
    status: 200,
    answer: EventDetail,
  })
  async read(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: EventId }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const json = await findEventJson(this.pool, org, id);
    await reply.type('application/json; charset=utf-8').send(json);
  }

  @Get('organizations/:org/rejected-events')
  @Operation({
    summary: "List an organization's rejected events",
    description: 'What came over NATS and was not accepted, with the reason; newest first.',
    access: 'deliveries:read',
    status: 200,
    answer: listOf(RejectedEvent),
  })
  listRejected(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<Page<RejectedEvent>> {
    return listRejectedEvents(this.pool, org, query);
  }

  @Get('rejected-events')
  @Operation({
    summary: 'List rejected events of no known organization',
    access: 'admin',
    status: 200,
    answer: listOf(RejectedEvent),
  })
  listRejectedOfNobody(@Query({ schema: ListQuery }) query: ListQuery): Promise<Page<RejectedEvent>> {
    return listRejectedEvents(this.pool, null, query);
  }
}
