import { Body, Controller, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ResumeWebhook, RotateSecret, Uuid, Webhook, WebhookWithSecret } from '@postrider/contracts';
import type { WebhookEntity } from '@postrider/database/entities';
import type { FastifyReply } from 'fastify';
import { etagOf } from '../http/etag.js';
import { Nothing } from '../http/nothing.js';
import { Operation } from '../openapi/operation.decorator.js';
import { WebhookActions } from './webhook-actions.js';
import { Webhooks } from './webhooks.js';

@ApiTags('Webhooks')
@Controller('v1/organizations/:org/webhooks/:id')
export class WebhookActionsController {
  constructor(
    @Inject(WebhookActions) private readonly actions: WebhookActions,
    @Inject(Webhooks) private readonly webhooks: Webhooks,
  ) {}

  @Post('rotate-secret')
  @Operation({
    summary: 'Rotate the signing secret',
    description:
      'The answer tells the new `SigningSecret`, this once. The old one is good for `GraceSeconds` more in ' +
      '`webhook-signature`; 0 ends it now.',
    access: 'secrets:rotate',
    status: 200,
    answer: WebhookWithSecret,
  })
  async rotateSecret(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Body({ schema: RotateSecret }) body: RotateSecret,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecret> {
    const { webhook, signingSecret } = await this.actions.rotateSecret(org, id, body.GraceSeconds);
    reply.header('Cache-Control', 'no-store');
    return { ...(await this.answer(webhook, reply)), SigningSecret: signingSecret };
  }

  @Post('send-confirmation')
  @Operation({
    summary: 'Ask the reader of an address once more',
    description:
      'For webhooks of Type `email`: mails the link by which the reader of the address agrees to get mail. At most one ' +
      'a minute.',
    access: 'webhooks:write',
    status: 202,
    answer: Webhook,
  })
  async sendConfirmation(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Body({ schema: Nothing }) _body: object,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Webhook> {
    return this.answer(await this.actions.sendConfirmation(org, id), reply);
  }

  @Post('pause')
  @Operation({
    summary: 'Pause a webhook',
    description: 'Its events are kept as `Held` deliveries until it is resumed.',
    access: 'webhooks:write',
    status: 200,
    answer: Webhook,
  })
  async pause(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Body({ schema: Nothing }) _body: object,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Webhook> {
    return this.answer(await this.actions.pause(org, id), reply);
  }

  @Post('resume')
  @Operation({
    summary: 'Resume or enable a webhook',
    description:
      'Held deliveries are delivered, or cancelled with `discard`. Also enables a disabled webhook.',
    access: 'webhooks:write',
    status: 200,
    answer: Webhook,
  })
  async resume(
    @Param('org', { schema: Uuid }) org: string,
    @Param('id', { schema: Uuid }) id: string,
    @Body({ schema: ResumeWebhook }) body: ResumeWebhook,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Webhook> {
    return this.answer(await this.actions.resume(org, id, body.Held), reply);
  }

  private answer(webhook: WebhookEntity, reply: FastifyReply): Promise<Webhook> {
    reply.header('ETag', etagOf(webhook.version));
    return this.webhooks.toResponse(webhook);
  }
}
