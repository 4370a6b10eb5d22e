// Tells who watches that deliveries have changed: ids alone, one message per organization, at once after a quiet moment and
// else gathered, since nobody sees more than a few changes a second. Nobody may be listening, and it may be lost on the way:
// what counts is in PostgreSQL.
import { noticeSubjects, type DeliveriesChangedNotice } from '@postrider/contracts';

export interface ChangedDelivery {
  readonly organizationId: string;
  readonly deliveryId: string;
}

const gatherMs = 100;
/** Keeps a message far below what NATS takes. */
const maxIdsPerNotice = 2_000;

export class ChangeTeller {
  private byOrganization = new Map<string, string[]>();
  private timer: NodeJS.Timeout | null = null;
  private lastToldMs = -Infinity;

  constructor(private readonly publish: (subject: string, payload: string) => unknown) {}

  add(changed: readonly ChangedDelivery[]): void {
    for (const { organizationId, deliveryId } of changed) {
      const ids = this.byOrganization.get(organizationId);
      if (ids === undefined) this.byOrganization.set(organizationId, [deliveryId]);
      else ids.push(deliveryId);
    }
    if (this.byOrganization.size === 0 || this.timer !== null) return;
    const waitMs = this.lastToldMs + gatherMs - performance.now();
    if (waitMs > 0) this.timer = setTimeout(() => this.tell(), waitMs);
    else this.tell();
  }

  /** Tells what has gathered. */
  tell(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.lastToldMs = performance.now();
    const gathered = this.byOrganization;
    this.byOrganization = new Map();
    for (const [organizationId, ids] of gathered) {
      for (let at = 0; at < ids.length; at += maxIdsPerNotice) {
        const notice: DeliveriesChangedNotice = { DeliveryIds: ids.slice(at, at + maxIdsPerNotice) };
        this.publish(`${noticeSubjects.deliveriesChanged}.${organizationId}`, JSON.stringify(notice));
      }
    }
  }
}
