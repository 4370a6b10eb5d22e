// When a chat service or a digest asks for a pause: the webhook's next turn comes later, for all dispatchers.
import type { WebhookConfiguration } from '@postrider/contracts';
import type { Pool } from 'pg';
import { retryAfterMs } from './record/classify-response.policy.js';
import { headerMap } from './record/judge-outcome.js';
import { maxTogether } from './claim/claim-messages.js';
import { putOffTurn, restAfterDigest } from './claim/message-turns.js';

/** How long a chat service is left alone after a 429 that does not say, and at most. */
const tooManyMs = 30_000;
const maxPutOffMs = 3_600_000;

export interface TurnRestOptions {
  readonly pool: Pool;
  /** Epoch ms by the database's clock. */
  readonly databaseNow: () => number;
  readonly onError: (what: string, error: unknown) => void;
}

export class TurnRest {
  constructor(private readonly options: TurnRestOptions) {}

  /** One message of so many deliveries was taken. */
  afterDigest({ Id }: WebhookConfiguration, deliveries: number): void {
    // A full one has left some over: they need not wait.
    if (deliveries >= maxTogether) return;
    restAfterDigest(this.options.pool, Id).catch((error: unknown) =>
      this.options.onError('a digest was not noted', error),
    );
  }

  /** 429: no message for as long as the service says, an hour at most. */
  afterTooMany({ Id }: WebhookConfiguration, rawHeaders: readonly Buffer[]): void {
    const retryAfter = headerMap(rawHeaders)['retry-after'] ?? null;
    const wishedMs = retryAfterMs(retryAfter, this.options.databaseNow());
    putOffTurn(this.options.pool, Id, Math.min(wishedMs ?? tooManyMs, maxPutOffMs)).catch((error: unknown) =>
      this.options.onError('a turn could not be put off', error),
    );
  }
}
