// What the dispatcher knows of webhooks: a copy in memory, PostgreSQL behind it for those it has not heard of yet.
import type { ConfigurationEntry, WebhookConfiguration } from '@postrider/contracts';

export interface WebhookCopyOptions {
  /** Reads one webhook from PostgreSQL; null when there is none. */
  readonly load: (organizationId: string, webhookId: string) => Promise<WebhookConfiguration | null>;
}

export class WebhookCopy {
  private readonly webhooks = new Map<string, WebhookConfiguration>();
  private readonly loading = new Map<string, Promise<WebhookConfiguration | null>>();

  constructor(private readonly options: WebhookCopyOptions) {}

  /** Takes in an entry unless it knows a newer one. */
  apply(entry: ConfigurationEntry): void {
    if (entry.kind !== 'webhook') return;
    const known = this.webhooks.get(entry.value.Id);
    if (known !== undefined && known.Version >= entry.value.Version) return;
    this.webhooks.set(entry.value.Id, entry.value);
  }

  /** The webhook as known here, or undefined when it is not (yet). Deleted ones are told as `Deleted`. */
  get(webhookId: string): WebhookConfiguration | undefined {
    return this.webhooks.get(webhookId);
  }

  /** Asks PostgreSQL about a webhook that is not known here; several askers share one query. */
  find(organizationId: string, webhookId: string): Promise<WebhookConfiguration | null> {
    let pending = this.loading.get(webhookId);
    if (pending === undefined) {
      pending = this.options
        .load(organizationId, webhookId)
        .then((webhook) => {
          if (webhook !== null) this.apply({ kind: 'webhook', value: webhook });
          return webhook;
        })
        .finally(() => this.loading.delete(webhookId));
      this.loading.set(webhookId, pending);
    }
    return pending;
  }
}
