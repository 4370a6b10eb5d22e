import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiTags } from '@nestjs/swagger';
import {
  listOf,
  ListQuery,
  Uuid,
  Webhook,
  WebhookCreate,
  WebhookPatch,
  WebhookWithSecret,
} from '@postrider/contracts';
import type { FastifyReply } from 'fastify';
import type { Page } from '../http/cursor.js';
import { etagOf } from '../http/etag.js';
import { Operation } from '../openapi/operation.decorator.js';
import { toWebhookResponse } from './to-webhook-response.js';
import { Webhooks } from './webhooks.js';

const IfMatch = ApiHeader({
  name: 'If-Match',
  description: 'The `ETag` of the webhook as you read it: the call does nothing if it has changed since.',
  required: false,
});

@ApiTags('Webhooks')
@Controller('v1/organizations/:org/webhooks')
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @Post()
  @Operation({
    summary: 'Create a webhook',
    description: 'The answer tells the `SigningSecret`, this once.',
    access: 'webhooks:write',
    status: 201,
    answer: WebhookWithSecret,
  })
  async create(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: WebhookCreate }) body: WebhookCreate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecret> {
    const { webhook, signingSecret } = await this.webhooks.create(org, body);
    reply.header('ETag', etagOf(webhook.version)).header('Cache-Control', 'no-store');
    return { ...toWebhookResponse(webhook, undefined), SigningSecret: signingSecret };
  }

  @Get()
  @Operation({ summary: 'List webhooks', access: 'webhooks:read', status: 200, answer: listOf(Webhook) })
  list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<Page<Webhook>> {
    return this.webhooks.list(org, query);
  }

  @Get(':id')
  @Operation({ summary: 'Read a webhook', access: 'webhooks:read', status: 200, answer: Webhook })
  async read(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Webhook> {
    const webhook = await this.webhooks.find(org, id);
    reply.header('ETag', etagOf(webhook.version));
    return this.webhooks.toResponse(webhook);
  }

  @Patch(':id')
  @IfMatch
  @ApiConsumes('application/merge-patch+json', 'application/json')
  @Operation({
    summary: 'Change a webhook',
    description: 'A merge patch (RFC 7396): null unsets what can be unset.',
    access: 'webhooks:write',
    status: 200,
    answer: Webhook,
  })
  async change(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: WebhookPatch }) patch: WebhookPatch,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Webhook> {
    const webhook = await this.webhooks.change(org, id, patch, ifMatch);
    reply.header('ETag', etagOf(webhook.version));
    return this.webhooks.toResponse(webhook);
  }

  @Delete(':id')
  @IfMatch
  @Operation({
    summary: 'Delete a webhook',
    description: 'Its pending deliveries are cancelled; its log stays readable.',
    access: 'webhooks:write',
    status: 204,
  })
  delete(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    return this.webhooks.delete(org, id, ifMatch);
  }
}
