import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKey, ApiKeyCreate, ApiKeyCreated, listOf, ListQuery, Uuid } from '@postrider/contracts';
import { Authenticator, type CallerRequest } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';
import { callerOf } from '../http/caller.js';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { ApiKeys } from './api-keys.js';

@ApiTags('API keys')
@Controller('v1/organizations/:org/api-keys')
export class ApiKeysController {
  constructor(
    @Inject(ApiKeys) private readonly apiKeys: ApiKeys,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  @Post()
  @Operation({
    summary: 'Create an API key',
    description: 'The answer tells the `Key`, this once. A key gives away only scopes that it has.',
    access: 'keys:manage',
    status: 201,
    answer: ApiKeyCreated,
  })
  create(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: ApiKeyCreate }) body: ApiKeyCreate,
    @Req() request: CallerRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyCreated> {
    reply.header('Cache-Control', 'no-store');
    return this.apiKeys.create(org, body, callerOf(request));
  }

  @Get()
  @Operation({ summary: 'List API keys', access: 'keys:manage', status: 200, answer: listOf(ApiKey) })
  async list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<Page<ApiKey>> {
    await this.authenticator.noteUse();
    return this.apiKeys.list(org, query);
  }

  @Delete(':id')
  @Operation({ summary: 'Delete an API key', access: 'keys:manage', status: 204 })
  delete(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
  ): Promise<void> {
    return this.apiKeys.delete(org, id);
  }
}
