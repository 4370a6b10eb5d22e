import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { listOf, ListQuery, Topic, TopicCreate, TopicName, TopicPatch } from '@postrider/contracts';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Topics } from './topics.js';

@ApiTags('Topics')
@Controller('v1/topics')
export class TopicsController {
  constructor(@Inject(Topics) private readonly topics: Topics) {}

  @Get()
  @Operation({
    summary: 'List the catalog of topics',
    access: 'webhooks:read',
    status: 200,
    answer: listOf(Topic),
  })
  list(@Query({ schema: ListQuery }) query: ListQuery): Promise<Page<Topic>> {
    return this.topics.list(query);
  }

  @Get(':name')
  @Operation({ summary: 'Read a topic', access: 'webhooks:read', status: 200, answer: Topic })
  read(@Param('name', { schema: TopicName }) name: string): Promise<Topic> {
    return this.topics.read(name);
  }

  @Post()
  @Operation({ summary: 'Add a topic to the catalog', access: 'admin', status: 201, answer: Topic })
  create(@Body({ schema: TopicCreate }) body: TopicCreate): Promise<Topic> {
    return this.topics.create(body);
  }

  @Patch(':name')
  @Operation({
    summary: 'Change a topic',
    description: 'A merge patch (RFC 7396).',
    access: 'admin',
    status: 200,
    answer: Topic,
  })
  change(
    @Param('name', { schema: TopicName }) name: string,
    @Body({ schema: TopicPatch }) patch: TopicPatch,
  ): Promise<Topic> {
    return this.topics.change(name, patch);
  }

  @Delete(':name')
  @Operation({
    summary: 'Remove a topic from the catalog',
    description: 'Webhooks that name it keep it; events with it are refused from now on.',
    access: 'admin',
    status: 204,
  })
  delete(@Param('name', { schema: TopicName }) name: string): Promise<void> {
    return this.topics.delete(name);
  }
}
