import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Delivery, DeliveryWithAttempts, listOf, Uuid } from '@postrider/contracts';
import { Pool } from 'pg';
import type { Page } from '../http/cursor.js';
import { Nothing } from '../http/nothing.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Deliveries } from './deliveries.js';
import { DeliveriesQuery } from './delivery-query.js';
import { listDeliveries } from './list-deliveries.js';

@ApiTags('Deliveries')
@Controller('v1/organizations/:org/deliveries')
export class DeliveriesController {
  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
  ) {}

  @Get()
  @Operation({
    summary: 'List deliveries',
    description: 'Newest first.',
    access: 'deliveries:read',
    status: 200,
    answer: listOf(Delivery),
  })
  list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: DeliveriesQuery }) query: DeliveriesQuery,
  ): Promise<Page<Delivery>> {
    return listDeliveries(this.pool, org, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a delivery with its attempts',
    description: 'Requests as they were sent, Authorization masked.',
    access: 'deliveries:read',
    status: 200,
    answer: DeliveryWithAttempts,
  })
  read(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
  ): Promise<DeliveryWithAttempts> {
    return this.deliveries.read(org, id);
  }

  @Post(':id/resend')
  @Operation({
    summary: 'Send a delivery again',
    description: 'One attempt now, whatever its status.',
    access: 'deliveries:resend',
    status: 202,
    answer: DeliveryWithAttempts,
  })
  resend(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Body({ schema: Nothing }) _body: object,
  ): Promise<DeliveryWithAttempts> {
    return this.deliveries.resend(org, id);
  }
}
