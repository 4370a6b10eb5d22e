// Where a webhook's requests go: its URL, judged once per version of its configuration (the rules may have become
// stricter since it was saved); each address is judged again at connect.
import type { WebhookConfiguration } from '@postrider/contracts';
import { judgeUrl, type EgressRules } from '@postrider/egress';
import type { DeliveryFailure } from './error-codes.policy.js';

export type Endpoint =
  | { readonly kind: 'open'; readonly origin: string; readonly path: string; readonly isLoopback: boolean }
  | { readonly kind: 'blocked'; readonly failure: DeliveryFailure };

interface Entry {
  readonly version: number;
  readonly endpoint: Endpoint;
}

/** As the URL parser writes them. */
const loopback = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|.+\.localhost)$/;

export class EndpointBook {
  private readonly entries = new Map<string, Entry>();

  /** Loopback is spared from the caps of origins, as on a developer's machine, unless `limitsLoopback`. */
  constructor(
    private readonly rules: EgressRules,
    private readonly limitsLoopback = false,
  ) {}

  of(webhook: WebhookConfiguration): Endpoint {
    const known = this.entries.get(webhook.Id);
    if (known?.version === webhook.Version) return known.endpoint;
    const endpoint = this.judge(webhook.Url ?? '');
    this.entries.set(webhook.Id, { version: webhook.Version, endpoint });
    return endpoint;
  }

  /** The origin whose cap counts for a webhook; null: none does. */
  limitedOrigin(webhook: WebhookConfiguration): string | null {
    const endpoint = this.of(webhook);
    if (endpoint.kind === 'blocked' || (endpoint.isLoopback && !this.limitsLoopback)) return null;
    return endpoint.origin;
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
    return {
      kind: 'open',
      origin: parsed.origin,
      path: parsed.pathname + parsed.search,
      isLoopback: loopback.test(parsed.hostname),
    };
  }
}
