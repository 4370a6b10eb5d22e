// NATS request/reply: what config-api asks of the dispatcher.
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ProblemError, requestSubjects } from '@postrider/contracts';
import { answerJson } from '@postrider/messaging';
import type { Pool } from 'pg';
import {
  cancelPending,
  deliverHeld,
  discardHeld,
  holdPending,
  requestResend,
  restartFailureClock,
} from './change-deliveries.js';

export const REQUEST_DESK = Symbol('REQUEST_DESK');

export interface RequestDesk {
  readonly pool: Pool;
  /** There is something due: claimers of all instances look now. */
  readonly wake: () => void;
  /** Throws ProblemError where the mail could not be sent. */
  readonly sendConfirmation: (organizationId: string, webhookId: string, linkBase: string) => Promise<void>;
  readonly onError: (what: string, error: unknown) => void;
}

@Controller()
export class RequestsController {
  constructor(@Inject(REQUEST_DESK) private readonly desk: RequestDesk) {}

  @MessagePattern(requestSubjects.resend)
  resend(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'resend',
      payload,
      async ({ OrganizationId, DeliveryId }) => {
        const ResendId = await requestResend(this.desk.pool, OrganizationId, DeliveryId);
        if (ResendId === null)
          throw new ProblemError('not_found', 'there is no such delivery, or its webhook is deleted');
        this.desk.wake();
        return { ResendId };
      },
      this.failed('resend'),
    );
  }

  @MessagePattern(requestSubjects.releaseHeld)
  releaseHeld(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'releaseHeld',
      payload,
      async ({ WebhookId, Held }) => {
        await restartFailureClock(this.desk.pool, WebhookId);
        const release = Held === 'deliver' ? deliverHeld : discardHeld;
        const Deliveries = await release(this.desk.pool, WebhookId);
        if (Held === 'deliver') this.desk.wake();
        return { Deliveries };
      },
      this.failed('releaseHeld'),
    );
  }

  @MessagePattern(requestSubjects.holdPending)
  holdPending(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'holdPending',
      payload,
      async ({ WebhookId }) => ({ Deliveries: await holdPending(this.desk.pool, WebhookId) }),
      this.failed('holdPending'),
    );
  }

  @MessagePattern(requestSubjects.cancelPending)
  cancelPending(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'cancelPending',
      payload,
      async ({ WebhookId }) => ({ Deliveries: await cancelPending(this.desk.pool, WebhookId) }),
      this.failed('cancelPending'),
    );
  }

  @MessagePattern(requestSubjects.sendConfirmation)
  sendConfirmation(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return answerJson(
      'sendConfirmation',
      payload,
      async ({ OrganizationId, WebhookId, LinkBase }) => {
        await this.desk.sendConfirmation(OrganizationId, WebhookId, LinkBase);
        return {};
      },
      this.failed('sendConfirmation'),
    );
  }

  private failed(what: string): (error: unknown) => void {
    return (error) => this.desk.onError(`the request ${what} failed`, error);
  }
}
