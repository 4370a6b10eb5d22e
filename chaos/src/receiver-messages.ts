// What the bench and the processes of its receivers say to each other.
import type { Misbehaving } from './misbehaviours.js';

/** How a webhook's receiver behaves. */
export type Kind = 'healthy' | 'slow' | 'flaky' | 'failing' | 'hanging' | 'resetting' | Misbehaving;

export interface Customer {
  readonly webhookId: string;
  readonly secret: string;
  readonly kind: Kind;
}

/** Webhook, event, epoch ms, and whether the signatures were right. */
export type Receipt = readonly [webhookId: string, eventId: string, at: number, isVerified: boolean];
export type ToReceivers = { readonly add: Customer } | { readonly heal: true };
export type FromReceivers = { readonly url: string } | { readonly receipts: readonly Receipt[] };
