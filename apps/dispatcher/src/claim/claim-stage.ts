// One round of claiming: which webhooks have something due, how much of each finds room here, and the deliveries
// themselves. No webhook gets more than its room, so that one with a million due does not starve the rest.
import { bodyPrefix, leaseMs, type WebhookConfiguration } from '@postrider/contracts';
import type { Pool } from 'pg';
import type { DeliveryTask, TaskEvent } from '../task.js';
import { claimDueDeliveries, type ClaimedDelivery, type ClaimQuota } from './claim-due-deliveries.js';
import { claimDueResends, deleteResends, type ClaimedResend } from './claim-due-resends.js';
import { findDueWebhooks } from './find-due-webhooks.js';
import { shareOut } from './share-out.policy.js';

export interface ClaimStageOptions {
  readonly pool: Pool;
  readonly webhookOf: (webhookId: string) => WebhookConfiguration | undefined;
  /** How many deliveries of a webhook would find a place. */
  readonly roomOf: (webhookId: string) => number;
  /** How many deliveries would find a place at all. */
  readonly room: () => number;
  readonly accept: (task: DeliveryTask) => void;
}

const maxWebhooksPerRound = 256;
const maxPerRound = 500;
const maxPerWebhook = 200;
/** Resends are claimed first, and leave half of the room to what is not sent yet: a replay may be long. */
const resendsShare = 0.5;
/** Longest timeout: the lease of what is claimed before its webhook is known. */
const longestTimeoutSeconds = 30;

export class ClaimStage {
  private readonly cursors: Record<'deliveries' | 'resends', string | null> = {
    deliveries: null,
    resends: null,
  };

  constructor(private readonly options: ClaimStageOptions) {}

  async round(): Promise<{ claimed: number; more: boolean }> {
    const resends = await this.share('resends', (quotas) => this.claimResends(quotas));
    const deliveries = await this.share('deliveries', (quotas) => this.claimDeliveries(quotas));
    return { claimed: resends.claimed + deliveries.claimed, more: resends.more || deliveries.more };
  }

  /** `claim` answers the webhook of each row that it has claimed. */
  private async share(
    table: 'deliveries' | 'resends',
    claim: (quotas: readonly ClaimQuota[]) => Promise<readonly string[]>,
  ): Promise<{ claimed: number; more: boolean }> {
    const due = await findDueWebhooks(this.options.pool, table, this.cursors[table], maxWebhooksPerRound);
    const quotas = this.quotas(due.webhookIds, table === 'resends' ? resendsShare : 1);
    const claimed = quotas.length === 0 ? [] : await claim(quotas);
    this.cursors[table] = due.cursor;
    // Whoever got all of its quota may have more that is due.
    const left = new Map(quotas.map(({ webhookId, quota }) => [webhookId, quota]));
    for (const webhookId of claimed) left.set(webhookId, (left.get(webhookId) ?? 0) - 1);
    const more =
      due.cursor !== null || (claimed.length > 0 && [...left.values()].some((count) => count <= 0));
    return { claimed: claimed.length, more };
  }

  private quotas(webhookIds: readonly string[], part: number): ClaimQuota[] {
    const wanting = webhookIds.map((webhookId) => ({
      // One that is not known yet stands for itself.
      organizationId: this.options.webhookOf(webhookId)?.OrganizationId ?? webhookId,
      webhookId,
      room: Math.min(maxPerWebhook, Math.ceil(this.options.roomOf(webhookId) * part)),
    }));
    return shareOut(wanting, Math.min(Math.ceil(this.options.room() * part), maxPerRound)).map(
      ({ webhookId, quota }) => ({
        webhookId,
        quota,
        leaseMs: this.leaseMs(webhookId),
      }),
    );
  }

  private leaseMs(webhookId: string): number {
    return leaseMs(this.options.webhookOf(webhookId)?.TimeoutSeconds ?? longestTimeoutSeconds);
  }

  private async claimDeliveries(quotas: readonly ClaimQuota[]): Promise<readonly string[]> {
    const rows = await claimDueDeliveries(this.options.pool, quotas);
    const events = new Map<string, TaskEvent>();
    for (const row of rows) this.options.accept(toTask(row, events));
    return rows.map((row) => row.webhook_id);
  }

  private async claimResends(quotas: readonly ClaimQuota[]): Promise<readonly string[]> {
    const rows = await claimDueResends(this.options.pool, quotas);
    const gone: string[] = [];
    for (const row of rows) {
      const task = toResendTask(row);
      if (task === null) gone.push(row.resend_id);
      else this.options.accept(task);
    }
    if (gone.length > 0) await deleteResends(this.options.pool, gone);
    return rows.map((row) => row.webhook_id);
  }
}

function toTask(row: ClaimedDelivery, events: Map<string, TaskEvent>): DeliveryTask {
  let event = events.get(row.event_uid);
  if (event === undefined) {
    event = { id: row.event_id, topic: row.topic, bodyPrefix: bodyPrefix(row.text) };
    events.set(row.event_uid, event);
  }
  const first = row.trigger === 'ping' ? 'ping' : 'event';
  return {
    organizationId: row.organization_id,
    deliveryId: row.id,
    webhookId: row.webhook_id,
    event,
    leaseUntil: row.due_at,
    trigger: row.scheduled_attempts === 0 ? first : 'retry',
    attemptNumber: row.attempts_count + 1,
    scheduledAttempts: row.scheduled_attempts,
    resendId: null,
  };
}

function toResendTask(row: ClaimedResend): DeliveryTask | null {
  if (row.id === null || row.text === null) return null;
  return {
    organizationId: row.organization_id,
    deliveryId: row.id,
    webhookId: row.webhook_id,
    event: { id: row.event_id, topic: row.topic, bodyPrefix: bodyPrefix(row.text) },
    leaseUntil: row.due_at,
    trigger: 'resend',
    attemptNumber: row.attempts_count + 1,
    scheduledAttempts: row.scheduled_attempts,
    resendId: row.resend_id,
  };
}
