// Where a webhook's requests go: its URL, judged once per version of its configuration (the rules may have become
// stricter since it was saved); each address is judged again at connect.
import type { WebhookConfiguration } from '@postrider/contracts';
import { judgeUrl, type EgressRules } from '@postrider/egress';
import type { DeliveryFailure } from './error-codes.policy.js';

export type Endpoint =
  | { readonly kind: 'open'; readonly origin: string; readonly path: string }
  | { readonly kind: 'blocked'; readonly failure: DeliveryFailure };

interface Entry {
  readonly version: number;
  readonly endpoint: Endpoint;
}

export class EndpointBook {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly rules: EgressRules) {}

  of(webhook: WebhookConfiguration): Endpoint {
    const known = this.entries.get(webhook.Id);
    if (known?.version === webhook.Version) return known.endpoint;
    const endpoint = this.judge(webhook.Url ?? '');
    this.entries.set(webhook.Id, { version: webhook.Version, endpoint });
    return endpoint;
  }

  private judge(url: string): Endpoint {
    const judgement = judgeUrl(url, this.rules);
    if (!judgement.ok) {
      return {
        kind: 'blocked',
        failure: { code: 'egress_blocked', message: 'the URL is not one that webhooks may be sent to' },
      };
    }
    const parsed = new URL(judgement.url);
    return { kind: 'open', origin: parsed.origin, path: parsed.pathname + parsed.search };
  }
}
