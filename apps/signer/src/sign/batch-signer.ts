// Signs a request's worth of deliveries: from memory where it can, with one query for all that it does not know.
import { Uuid, type SignItem, type SignReply, type SignReplyItem } from '@postrider/contracts';
import { isDatabaseAway } from '@postrider/database';
import type { SecretPlace } from '../shared/envelope.js';
import type { KnownSecrets, WebhookSecrets } from './known-secrets.js';
import type { SealedSecretsRow, WebhookRef } from './load-secrets.js';
import { knownSecrets, secretLookups, signBatchItems, signSeconds, signatures } from './sign.metrics.js';
import { signRequest, signingKeys } from './signatures.js';

/** A notice of a change may be missed (NATS promises nothing of notices): what is older than this is read again. */
const refreshAfterMs = 60_000;
/** For so long after a failed load, what is known is used as it is, instead of waiting for the database each time. */
const pauseAfterFailedLoadMs = 1_000;

export interface BatchSignerParts {
  readonly known: KnownSecrets;
  readonly load: (webhooks: readonly WebhookRef[]) => Promise<readonly SealedSecretsRow[]>;
  /** Throws where a secret does not open. */
  readonly open: (place: SecretPlace, sealed: Buffer) => string;
  /** The database's time in epoch ms: it decides when a previous secret ends. */
  readonly nowMs: () => number;
  readonly onLoadFailed: (error: unknown, away: boolean) => void;
  readonly onUnopened: (webhook: WebhookRef, error: unknown) => void;
}

type Found = WebhookSecrets | 'no_secret' | 'unavailable';

export class BatchSigner {
  private loadFailedAt = -Infinity;

  constructor(private readonly parts: BatchSignerParts) {
    knownSecrets.collectFrom(() => parts.known.size);
  }

  /** Never rejects: what can't be signed says why. */
  async sign(items: readonly SignItem[]): Promise<SignReply> {
    const started = performance.now();
    const now = this.parts.nowMs();
    const unknown: SignItem[] = [];
    const found = items.map((item): Found | null => {
      const secrets = this.parts.known.get(item.webhookId);
      if (secrets !== undefined && this.isFresh(secrets, item, now)) return secrets;
      unknown.push(item);
      return null;
    });
    const loaded = unknown.length === 0 ? null : await this.load(unknown, now);
    const signedAt = loaded === null ? now : this.parts.nowMs();
    const reply = items.map((item, index) =>
      signItem(item, found[index] ?? loaded?.(item) ?? 'no_secret', signedAt),
    );
    count(reply, unknown.length, (performance.now() - started) / 1_000);
    return { Items: reply };
  }

  private isFresh(secrets: WebhookSecrets, item: SignItem, now: number): boolean {
    if (!fits(secrets, item)) return false;
    const recent =
      now - secrets.loadedAt < refreshAfterMs && secrets.loadedAt >= this.parts.known.trustedFrom;
    return recent || now - this.loadFailedAt < pauseAfterFailedLoadMs;
  }

  /** Answers how to find the secrets of each item. */
  private async load(items: readonly SignItem[], now: number): Promise<(item: SignItem) => Found> {
    const { known } = this.parts;
    const unopened = new Set<string>();
    let loaded: readonly WebhookSecrets[];
    try {
      loaded = await known.remember(async () => {
        const rows = await this.parts.load(distinctWebhooks(items));
        return rows.flatMap((row) => this.openRow(row, now, unopened));
      });
    } catch (error) {
      this.loadFailedAt = this.parts.nowMs();
      this.parts.onLoadFailed(error, isDatabaseAway(error));
      // What is known, if only a little old, is better than no delivery.
      return (item) => {
        const secrets = known.get(item.webhookId);
        return secrets !== undefined && fits(secrets, item) ? secrets : 'unavailable';
      };
    }
    const byWebhook = new Map(loaded.map((secrets) => [secrets.webhookId, secrets]));
    return (item) => {
      if (unopened.has(item.webhookId)) return 'unavailable';
      const secrets = byWebhook.get(item.webhookId);
      return secrets?.organizationId === item.organizationId ? secrets : 'no_secret';
    };
  }

  private openRow(row: SealedSecretsRow, now: number, unopened: Set<string>): WebhookSecrets[] {
    const webhook = { organizationId: row.organization_id, webhookId: row.webhook_id };
    const [current, previous] = row.secrets;
    if (current === undefined) return [];
    const keys = ({ version, sealed }: { version: number; sealed: Buffer }) =>
      signingKeys(this.parts.open({ ...webhook, field: 'signing-secret', version }, sealed));
    const { authorization } = row;
    try {
      return [
        {
          ...webhook,
          version: current.version,
          current: keys(current),
          previous:
            previous === undefined || previous.expires_at === null
              ? null
              : { keys: keys(previous), expiresAt: previous.expires_at },
          authorization:
            authorization === null
              ? null
              : this.parts.open(
                  { ...webhook, field: 'authorization', version: authorization.version },
                  authorization.sealed,
                ),
          loadedAt: now,
        },
      ];
    } catch (error) {
      unopened.add(row.webhook_id);
      this.parts.known.forget(row.webhook_id);
      this.parts.onUnopened(webhook, error);
      return [];
    }
  }
}

/** Of the asked organization, and no older than the asker knows of. */
function fits(secrets: WebhookSecrets, item: SignItem): boolean {
  return secrets.organizationId === item.organizationId && secrets.version >= item.secretVersion;
}

/** What is no id has no secret, and must not fail the query for the others. */
function distinctWebhooks(items: readonly SignItem[]): WebhookRef[] {
  const distinct = new Map(items.map((item) => [`${item.organizationId} ${item.webhookId}`, item]));
  return [...distinct.values()].filter(
    ({ organizationId, webhookId }) =>
      Uuid.safeParse(organizationId).success && Uuid.safeParse(webhookId).success,
  );
}

function signItem(item: SignItem, found: Found, now: number): SignReplyItem {
  if (typeof found === 'string') return { Error: found };
  const { current, previous, authorization } = found;
  const valid = previous !== null && previous.expiresAt > now ? previous.keys : null;
  const { HubSignature, StandardSignature } = signRequest(item, current, valid);
  return { HubSignature, StandardSignature, Authorization: authorization };
}

function count(reply: readonly SignReplyItem[], misses: number, seconds: number): void {
  let signed = 0;
  for (const item of reply) {
    if ('Error' in item) signatures.inc({ result: item.Error });
    else signed += 1;
  }
  signatures.inc({ result: 'signed' }, signed);
  secretLookups.inc({ result: 'hit' }, reply.length - misses);
  secretLookups.inc({ result: 'miss' }, misses);
  signBatchItems.observe(reply.length);
  signSeconds.observe(seconds);
}
