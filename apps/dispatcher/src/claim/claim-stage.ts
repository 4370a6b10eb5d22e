// One round of claiming: which webhooks have something due, how much of each finds room here, and the deliveries
// themselves. No webhook gets more than its room, so that one with a million due does not starve the rest.
import { leaseMs, maxSignaturesPerRequest, type WebhookConfiguration } from '@postrider/contracts';
import type { Pool } from 'pg';
import type { DeliveryTask, TaskEvent } from '../task.js';
import { claimDueDeliveries, type ClaimQuota } from './claim-due-deliveries.js';
import { claimDueResends, deleteResends } from './claim-due-resends.js';
import { claimMessages } from './claim-messages.js';
import { findDueWebhooks } from './find-due-webhooks.js';
import { takeTurns } from './message-turns.js';
import { shareOut } from './share-out.policy.js';
import { toResendTask, toTask } from './to-task.js';

export interface ClaimStageOptions {
  readonly pool: Pool;
  readonly webhookOf: (webhookId: string) => WebhookConfiguration | undefined;
  /** How many deliveries of a webhook would find a place. */
  readonly roomOf: (webhookId: string) => number;
  /** How many deliveries would find a place at all. */
  readonly room: () => number;
  readonly accept: (task: DeliveryTask) => void;
  /** What goes to people in one message. */
  readonly acceptTogether: (tasks: readonly DeliveryTask[]) => void;
  readonly random: () => number;
  /** How long a round's statements took, in ms: what begins in between does not count. */
  readonly onClaimed: (durationMs: number) => void;
}

const maxWebhooksPerRound = 256;
/** What one request to the signer takes. More at once would hold up everything else until all of it has begun. */
const maxPerRound = maxSignaturesPerRequest;
/** Resends are claimed first, and leave half of the room to what is not sent yet: a replay may be long. */
const resendsShare = 0.5;
/** Longest timeout: the lease of what is claimed before its webhook is known. */
const longestTimeoutSeconds = 30;

type Table = 'deliveries' | 'resends';

interface Look {
  /** Where the next one goes on; null: from the beginning. */
  cursor: string | null;
  /** Webhooks that the last one found and that got no share yet: they come first. */
  left: readonly string[];
}

export class ClaimStage {
  private readonly looks: Record<Table, Look> = {
    deliveries: { cursor: null, left: [] },
    resends: { cursor: null, left: [] },
  };
  private statementsMs = 0;

  constructor(private readonly options: ClaimStageOptions) {}

  async round(): Promise<{ claimed: number; more: boolean }> {
    this.statementsMs = 0;
    const [dueResends, dueDeliveries] = await this.timed(
      Promise.all([this.find('resends'), this.find('deliveries')]),
    );
    const resends = await this.share('resends', dueResends, (quotas) => this.claimResends(quotas));
    const deliveries = await this.share('deliveries', dueDeliveries, (quotas) =>
      this.claimDeliveries(quotas),
    );
    this.options.onClaimed(this.statementsMs);
    return { claimed: resends.claimed + deliveries.claimed, more: resends.more || deliveries.more };
  }

  private async timed<T>(statement: Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const result = await statement;
    this.statementsMs += performance.now() - startedMs;
    return result;
  }

  /** Webhooks with something due. */
  private async find(table: Table): Promise<readonly string[]> {
    const look = this.looks[table];
    if (look.left.length > 0) return look.left;
    const found = await findDueWebhooks(this.options.pool, table, look.cursor, maxWebhooksPerRound);
    look.cursor = found.cursor;
    return found.webhookIds;
  }

  /** `claim` answers the webhook of each row that it has claimed. */
  private async share(
    table: Table,
    dueIds: readonly string[],
    claim: (quotas: readonly ClaimQuota[]) => Promise<readonly string[]>,
  ): Promise<{ claimed: number; more: boolean }> {
    const people = dueIds.map(this.options.webhookOf).filter((webhook) => tellsPeople(webhook));
    const told = people.length === 0 ? 0 : await this.claimTurns(table, people);
    const others = dueIds.filter((id) => !tellsPeople(this.options.webhookOf(id)));
    const look = this.looks[table];
    const { quotas, unserved } = this.quotas(others, table === 'resends' ? resendsShare : 1);
    look.left = unserved;
    const claimed = quotas.length === 0 ? [] : await claim(quotas);
    // Whoever got all of its quota may have more that is due.
    const left = new Map(quotas.map(({ webhookId, quota }) => [webhookId, quota]));
    for (const webhookId of claimed) left.set(webhookId, (left.get(webhookId) ?? 0) - 1);
    const more =
      look.left.length > 0 ||
      look.cursor !== null ||
      (claimed.length > 0 && [...left.values()].some((count) => count <= 0));
    return { claimed: claimed.length + told, more };
  }

  /** Webhooks that tell people: by turns. Answers how many rows it has claimed. */
  private async claimTurns(table: Table, webhooks: readonly WebhookConfiguration[]): Promise<number> {
    if (table === 'resends') {
      // A long replay leaves half of the turns to what is not sent yet.
      if (this.options.random() < resendsShare) return 0;
      const turns = await this.timed(takeTurns(this.options.pool, webhooks));
      const quotas = turns.map((webhookId) => ({ webhookId, quota: 1, leaseMs: this.leaseMs(webhookId) }));
      if (quotas.length === 0) return 0;
      return (await this.claimResends(quotas, (task) => this.options.acceptTogether([task]))).length;
    }
    const rows = await this.timed(claimMessages(this.options.pool, webhooks));
    const events = new Map<string, TaskEvent>();
    const byWebhook = new Map<string, DeliveryTask[]>();
    for (const row of rows) {
      const tasks = byWebhook.get(row.webhook_id) ?? [];
      tasks.push(toTask(row, events));
      byWebhook.set(row.webhook_id, tasks);
    }
    for (const tasks of byWebhook.values()) this.options.acceptTogether(tasks);
    return rows.length;
  }

  /** `unserved`: have room of their own, and got no share since there was none left. */
  private quotas(
    webhookIds: readonly string[],
    part: number,
  ): { readonly quotas: ClaimQuota[]; readonly unserved: readonly string[] } {
    const wanting = webhookIds.map((webhookId) => ({
      // One that is not known yet stands for itself.
      organizationId: this.options.webhookOf(webhookId)?.OrganizationId ?? webhookId,
      webhookId,
      room: Math.ceil(this.options.roomOf(webhookId) * part),
    }));
    const shares = shareOut(wanting, Math.min(Math.ceil(this.options.room() * part), maxPerRound));
    const served = new Set(shares.map(({ webhookId }) => webhookId));
    const unserved = wanting.flatMap((one) =>
      one.room > 0 && !served.has(one.webhookId) ? [one.webhookId] : [],
    );
    return {
      quotas: shares.map(({ webhookId, quota }) => ({ webhookId, quota, leaseMs: this.leaseMs(webhookId) })),
      unserved: shares.length > 0 ? unserved : [],
    };
  }

  private leaseMs(webhookId: string): number {
    return leaseMs(this.options.webhookOf(webhookId)?.TimeoutSeconds ?? longestTimeoutSeconds);
  }

  private async claimDeliveries(quotas: readonly ClaimQuota[]): Promise<readonly string[]> {
    const rows = await this.timed(claimDueDeliveries(this.options.pool, quotas));
    const events = new Map<string, TaskEvent>();
    for (const row of rows) this.options.accept(toTask(row, events));
    return rows.map((row) => row.webhook_id);
  }

  private async claimResends(
    quotas: readonly ClaimQuota[],
    accept: (task: DeliveryTask) => void = this.options.accept,
  ): Promise<readonly string[]> {
    const rows = await this.timed(claimDueResends(this.options.pool, quotas));
    const gone: string[] = [];
    for (const row of rows) {
      const task = toResendTask(row);
      if (task === null) gone.push(row.resend_id);
      else accept(task);
    }
    if (gone.length > 0) await deleteResends(this.options.pool, gone);
    return rows.map((row) => row.webhook_id);
  }
}

function tellsPeople(webhook: WebhookConfiguration | undefined): webhook is WebhookConfiguration {
  return webhook !== undefined && webhook.Type !== 'webhook';
}
