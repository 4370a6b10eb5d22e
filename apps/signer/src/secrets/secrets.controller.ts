// What config-api asks for: the only requests whose answers hold a plaintext secret, each once.
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { requestSubjects, type ServiceRequestName } from '@postrider/contracts';
import { answerJson } from '@postrider/messaging';
import type { Logger } from '@postrider/runtime';
import { SecretStore, type Webhook } from './change-secrets.js';

export const secretsLogger = Symbol('secretsLogger');
/** Tells every signer, this one included, that a webhook's secrets have changed. */
export const announceChange = Symbol('announceChange');
export type AnnounceChange = (webhook: Webhook) => void;

@Controller()
export class SecretsController {
  constructor(
    @Inject(SecretStore) private readonly store: SecretStore,
    @Inject(announceChange) private readonly announce: AnnounceChange,
    @Inject(secretsLogger) private readonly logger: Logger,
  ) {}

  @MessagePattern(requestSubjects.createSecret)
  create(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'createSecret',
      bytes,
      (request) =>
        this.change('createSecret', request, (webhook) => this.store.create(webhook, request.Authorization)),
      this.onError('createSecret'),
    );
  }

  @MessagePattern(requestSubjects.rotateSecret)
  rotate(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'rotateSecret',
      bytes,
      (request) =>
        this.change('rotateSecret', request, (webhook) => this.store.rotate(webhook, request.GraceSeconds)),
      this.onError('rotateSecret'),
    );
  }

  @MessagePattern(requestSubjects.setAuthorization)
  setAuthorization(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'setAuthorization',
      bytes,
      (request) =>
        this.change('setAuthorization', request, async (webhook) => {
          await this.store.setAuthorization(webhook, request.Authorization);
          return {};
        }),
      this.onError('setAuthorization'),
    );
  }

  @MessagePattern(requestSubjects.deleteSecrets)
  deleteSecrets(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'deleteSecrets',
      bytes,
      async ({ OrganizationId: organizationId, WebhookId }) => {
        const webhookIds = await this.store.delete(organizationId, WebhookId);
        for (const webhookId of webhookIds) this.announce({ organizationId, webhookId });
        this.logger.info({ organizationId, webhooks: webhookIds.length }, 'secrets.deleted');
        return {};
      },
      this.onError('deleteSecrets'),
    );
  }

  /** The notice goes out before the answer; and on a failure too, since a commit may have come through unheard. */
  private async change<T>(
    what: ServiceRequestName,
    request: { readonly OrganizationId: string; readonly WebhookId: string },
    run: (webhook: Webhook) => Promise<T>,
  ): Promise<T> {
    const webhook = { organizationId: request.OrganizationId, webhookId: request.WebhookId };
    try {
      const result = await run(webhook);
      this.logger.info({ ...webhook, what }, 'secret.changed');
      return result;
    } finally {
      this.announce(webhook);
    }
  }

  private onError(what: ServiceRequestName): (error: unknown) => void {
    return (error) => this.logger.error({ error, what }, 'secret.change.failed');
  }
}
