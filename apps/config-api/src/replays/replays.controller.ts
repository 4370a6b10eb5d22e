import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  listOf,
  ListQuery,
  maxReplayTotal,
  maxRunningReplays,
  Replay,
  ReplayCreate,
  ReplayPreview,
  Uuid,
} from '@postrider/contracts';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { listReplays } from './read-replays.js';
import { Replays } from './replays.js';

@ApiTags('Replays')
@Controller('v1/organizations/:org/replays')
export class ReplaysController {
  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Replays) private readonly replays: Replays,
  ) {}

  @Post()
  @Operation({
    summary: 'Send many deliveries again',
    description:
      'One resend of each delivery created within `From`..`To` that the filters leave (those that `GET …/deliveries` ' +
      'lists with them, less those of deleted webhooks), oldest first, `RatePerSecond` at most, besides the live ' +
      'traffic and within the rate limits of the webhooks. Deliveries of a paused webhook wait for its resume. ' +
      `At most ${maxReplayTotal} deliveries; at most ${maxRunningReplays} replays of an organization run at a time. ` +
      'The range may be of any length; what is past its retention is not there. With `DryRun` nothing is sent: 200 ' +
      'tells how many there would be.',
    access: 'deliveries:resend',
    status: 202,
    answer: Replay,
    alsoStatus: 200,
    alsoAnswer: ReplayPreview,
  })
  async create(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: ReplayCreate }) body: ReplayCreate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Replay | ReplayPreview> {
    if (!body.DryRun) return this.replays.create(org, body);
    const Total = await this.replays.preview(org, body);
    reply.status(200);
    return { DryRun: true, Total };
  }

  @Get()
  @Operation({
    summary: 'List replays',
    description: 'Newest first.',
    access: 'deliveries:read',
    status: 200,
    answer: listOf(Replay),
  })
  list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<Page<Replay>> {
    return listReplays(this.pool, org, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Read the progress of a replay',
    description:
      '`Done` is `Succeeded` + `Failed`; failed is also what could not be sent, because its webhook was disabled or ' +
      'deleted meanwhile.',
    access: 'deliveries:read',
    status: 200,
    answer: Replay,
  })
  read(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
  ): Promise<Replay> {
    return this.replays.read(org, id);
  }

  @Delete(':id')
  @Operation({
    summary: 'Cancel a replay',
    description: 'What is under way is still sent and counted; nothing else is.',
    access: 'deliveries:resend',
    status: 204,
  })
  cancel(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
  ): Promise<void> {
    return this.replays.cancel(org, id);
  }
}
