import type { Webhook } from '@postrider/contracts';

/** Host of its URL, or its address. */
export function hostOf(webhook: Pick<Webhook, 'Url' | 'Email'>): string {
  if (webhook.Email !== null) return webhook.Email;
  return webhook.Url !== null && URL.canParse(webhook.Url) ? new URL(webhook.Url).host : '–';
}

/** The nickname, or where it goes. */
export const webhookName = (webhook: Pick<Webhook, 'Alias' | 'Url' | 'Email'>): string =>
  webhook.Alias ?? hostOf(webhook);
