import { Inject, Injectable } from '@nestjs/common';
import { ProblemError, type DeliveryWithAttempts } from '@postrider/contracts';
import { askJson, Messaging } from '@postrider/messaging';
import { Pool } from 'pg';
import { toDeliveryResponse } from './delivery-row.js';
import { findAttempts, findDelivery, findEventText } from './find-delivery.js';
import { toAttemptResponse } from './to-attempt-response.js';

@Injectable()
export class Deliveries {
  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  /** Throws `not_found` for another organization's. */
  async read(organizationId: string, id: string): Promise<DeliveryWithAttempts> {
    const delivery = await findDelivery(this.pool, organizationId, id);
    if (delivery === null) throw new ProblemError('not_found', 'no such delivery');
    const attempts = await findAttempts(this.pool, organizationId, id);
    const eventText =
      attempts.length === 0 ? null : await findEventText(this.pool, organizationId, delivery.event_uid);
    return {
      ...toDeliveryResponse(delivery),
      Attempts: attempts.map((attempt) => toAttemptResponse(attempt, delivery, eventText)),
    };
  }

  /** One attempt now, whatever the delivery's status; its schedule stays as it was. */
  async resend(organizationId: string, id: string): Promise<DeliveryWithAttempts> {
    const delivery = await findDelivery(this.pool, organizationId, id);
    if (delivery === null) throw new ProblemError('not_found', 'no such delivery');
    if (!(await webhookExists(this.pool, organizationId, delivery.webhook_id))) {
      throw new ProblemError(
        'conflict',
        'the webhook of this delivery is deleted: there is nowhere to send it',
      );
    }
    await askJson(this.messaging, 'resend', { OrganizationId: organizationId, DeliveryId: id });
    return this.read(organizationId, id);
  }
}

/** Index: the primary key. */
async function webhookExists(pool: Pool, organizationId: string, id: string): Promise<boolean> {
  const result = await pool.query(
    'SELECT 1 FROM webhooks WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL',
    [organizationId, id],
  );
  return result.rowCount === 1;
}
