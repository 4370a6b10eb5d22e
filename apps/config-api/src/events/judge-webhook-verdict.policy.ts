// Why a webhook did not get an event, judged by the webhook as it is now (docs/adr: nothing is stored per event and
// webhook that did not match, which would be the most rows of all).
import type { Filter, WebhookState, WebhookVerdict } from '@postrider/contracts';

export interface JudgedWebhook {
  readonly topics: readonly string[];
  readonly filter: Filter | null;
  readonly state: WebhookState;
  readonly createdAt: number;
}

export interface JudgedEvent {
  readonly topic: string;
  readonly acceptedAt: number;
  /** Sent to one webhook by name: a ping or an example. */
  readonly isAddressed: boolean;
}

export interface Judgement {
  readonly verdict: WebhookVerdict;
  readonly failedRule: number | null;
}

/** `firstFailedRule` answers the index of the rule that did not hold, or null. */
export function judgeWebhookVerdict(
  webhook: JudgedWebhook,
  event: JudgedEvent,
  matchesTopic: (pattern: string, topic: string) => boolean,
  firstFailedRule: (filter: Filter) => number | null,
): Judgement {
  const plainly = (verdict: WebhookVerdict): Judgement => ({ verdict, failedRule: null });
  if (event.isAddressed) return plainly('not_addressed');
  if (webhook.createdAt > event.acceptedAt) return plainly('created_later');
  if (!webhook.topics.some((pattern) => matchesTopic(pattern, event.topic))) return plainly('topic');
  const failedRule = webhook.filter === null ? null : firstFailedRule(webhook.filter);
  if (failedRule !== null) return { verdict: 'filter', failedRule };
  return plainly(webhook.state === 'disabled' ? 'disabled' : 'changed_since');
}
