// What the signer remembers of webhooks' secrets, ready to sign with. Bounded: of the webhooks that were not signed for
// the longest time it forgets first. Two generations instead of a list in order of use: a look-up moves nothing.
import type { SigningKeys } from './signatures.js';

export interface WebhookSecrets {
  readonly organizationId: string;
  readonly webhookId: string;
  /** Version of the current secret. */
  readonly version: number;
  readonly current: SigningKeys;
  /** The secret before the last rotation, while its grace lasts (epoch ms, database clock). */
  readonly previous: { readonly keys: SigningKeys; readonly expiresAt: number } | null;
  readonly authorization: string | null;
  /** When it was read (epoch ms, database clock). */
  readonly loadedAt: number;
}

export class KnownSecrets {
  private young = new Map<string, WebhookSecrets>();
  private old = new Map<string, WebhookSecrets>();
  /** What was read before this time (epoch ms, database clock) may be outdated: notices of changes were missed. */
  trustedFrom = -Infinity;
  /** Per load under way, the webhooks that have changed since it began: what it brings of them may be outdated. */
  private readonly loads = new Set<Set<string>>();

  /** At most `limit` webhooks are remembered. */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(webhookId: string): WebhookSecrets | undefined {
    const young = this.young.get(webhookId);
    if (young !== undefined) return young;
    const old = this.old.get(webhookId);
    if (old === undefined) return undefined;
    this.old.delete(webhookId);
    this.put(old);
    return old;
  }

  private put(secrets: WebhookSecrets): void {
    if (this.young.size >= this.limit / 2) {
      this.old = this.young;
      this.young = new Map();
    }
    this.old.delete(secrets.webhookId);
    this.young.set(secrets.webhookId, secrets);
  }

  forget(webhookId: string): void {
    this.young.delete(webhookId);
    this.old.delete(webhookId);
    for (const changed of this.loads) changed.add(webhookId);
  }

  /** Runs `load` and remembers what it brings, but for webhooks that were forgotten meanwhile. */
  async remember(load: () => Promise<readonly WebhookSecrets[]>): Promise<readonly WebhookSecrets[]> {
    const changed = new Set<string>();
    this.loads.add(changed);
    try {
      const loaded = await load();
      for (const secrets of loaded) if (!changed.has(secrets.webhookId)) this.put(secrets);
      return loaded;
    } finally {
      this.loads.delete(changed);
    }
  }
}
