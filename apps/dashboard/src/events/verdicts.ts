// Why a webhook got an event or did not, in plain words.
import type { EventAtWebhook, Webhook } from '@postrider/contracts';
import { ruleText } from '../webhooks/filter-words.js';

/** Null for who got it: its delivery tells the rest. */
export function whyNot({ Verdict, FailedRule }: EventAtWebhook, webhook: Webhook | undefined): string | null {
  switch (Verdict) {
    case 'delivered':
      return null;
    case 'topic':
      return 'It does not want this topic.';
    case 'filter': {
      const rule = webhook?.Filter?.[FailedRule ?? -1];
      return rule === undefined
        ? 'A rule of its filter does not hold.'
        : `A rule of its filter does not hold: ${ruleText(rule)}`;
    }
    case 'disabled':
      return 'It is disabled, and nothing is kept for a disabled webhook.';
    case 'created_later':
      return 'It was made after the event.';
    case 'not_addressed':
      return 'The event was sent to another webhook alone (a ping or an example).';
    case 'changed_since':
      return 'It would get the event as it is now: it was changed since.';
  }
}
