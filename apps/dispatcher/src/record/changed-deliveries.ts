// Tells who watches that deliveries have changed: ids alone, one message per flush and organization. Nobody may be
// listening, and it may be lost on the way: what counts is in PostgreSQL.
import { noticeSubjects, type DeliveriesChangedNotice } from '@postrider/contracts';

export interface ChangedDelivery {
  readonly organizationId: string;
  readonly deliveryId: string;
}

export function tellChanged(
  publish: (subject: string, payload: string) => unknown,
  changed: readonly ChangedDelivery[],
): void {
  const byOrganization = new Map<string, string[]>();
  for (const { organizationId, deliveryId } of changed) {
    const ids = byOrganization.get(organizationId);
    if (ids === undefined) byOrganization.set(organizationId, [deliveryId]);
    else ids.push(deliveryId);
  }
  for (const [organizationId, DeliveryIds] of byOrganization) {
    const notice: DeliveriesChangedNotice = { DeliveryIds };
    publish(`${noticeSubjects.deliveriesChanged}.${organizationId}`, JSON.stringify(notice));
  }
}
