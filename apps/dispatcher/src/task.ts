// One attempt that is to be made: what the stages of the pipeline hand on to each other.
import type { AttemptTrigger, WebhookConfiguration } from '@postrider/contracts';

/** The event that is delivered; deliveries of the same event share it. */
export interface TaskEvent {
  readonly id: string;
  readonly topic: string;
  /** What its request bodies begin with (bodyPrefix): one object per event, so that a sign request carries it once. */
  readonly bodyPrefix: Buffer;
  /** W3C trace context, where events are traced and this came by the lane. */
  readonly traceparent?: string | undefined;
}

export interface DeliveryTask {
  readonly organizationId: string;
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly event: TaskEvent;
  /** End of the lease, epoch ms by the database's clock; also the token with which the outcome is recorded. */
  readonly leaseUntil: number;
  readonly trigger: AttemptTrigger;
  /** 1 for the first attempt. */
  readonly attemptNumber: number;
  /** Attempts so far that count for the retry schedule (resends don't). */
  readonly scheduledAttempts: number;
  /** It came from PostgreSQL, not by the lane. */
  readonly isClaimed: boolean;
  /** The row in `resends` that asked for this attempt. */
  readonly resendId: string | null;
}

/** A task together with the webhook as it was when the task was let in. */
export interface AdmittedTask {
  readonly task: DeliveryTask;
  readonly webhook: WebhookConfiguration;
  /** It has its turn at a webhook that tells people, and these deliveries go with it, in one message. */
  readonly along?: readonly DeliveryTask[];
}

export function tasksOf({ task, along = [] }: AdmittedTask): readonly DeliveryTask[] {
  return [task, ...along];
}

/** Pings and resends were asked for by a person: they go out whatever the webhook's state. */
export function isAskedFor(trigger: AttemptTrigger): boolean {
  return trigger === 'ping' || trigger === 'resend';
}

/** What its webhook's state says. */
export function mayGo({ trigger }: DeliveryTask, { Deleted, State }: WebhookConfiguration): boolean {
  return !Deleted && (State === 'enabled' || isAskedFor(trigger));
}
