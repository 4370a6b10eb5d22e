// Values to choose from. Written out, and held to the contracts by their types alone: loading their schemas would double
// the time that a command takes to start.
import type { DeliveryStatus, WebhookType } from '@postrider/contracts';

export const deliveryStatuses = Object.keys({
  Pending: true,
  Succeeded: true,
  Failed: true,
  Held: true,
  Cancelled: true,
} satisfies Record<DeliveryStatus, true>);

export const webhookTypes = Object.keys({
  webhook: true,
  slack: true,
  teams: true,
  email: true,
} satisfies Record<WebhookType, true>);
