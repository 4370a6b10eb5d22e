// What the way of a delivery is made of, and whom it tells.
import type { WebhookConfiguration } from '@postrider/contracts';
import type { Admission } from './admit/admission.js';
import type { AttemptTraces } from './attempt-traces.js';
import type { EndpointBook } from './deliver/endpoint-book.js';
import type { DeliveryResult, HttpClient } from './deliver/http-client.js';
import type { MessageSender } from './message-sender.js';
import type { Batcher } from './record/batcher.js';
import type { DeliveryMove } from './record/move-deliveries.js';
import type { AttemptOutcome } from './record/outcome.js';
import type { SignBatcher } from './sign/sign-batcher.js';
import type { DeliveryTask } from './task.js';
import type { WebhookCopy } from './webhook-copy.js';

export interface PipelineParts {
  readonly webhooks: WebhookCopy;
  readonly admission: Admission;
  readonly signer: SignBatcher;
  readonly endpoints: EndpointBook;
  readonly http: HttpClient;
  readonly messages: MessageSender;
  readonly outcomes: Batcher<AttemptOutcome>;
  readonly moves: Batcher<DeliveryMove>;
  /** Epoch ms by the database's clock. */
  readonly databaseNow: () => number;
  readonly random: () => number;
  readonly version: string;
  readonly onAttempt: (outcome: AttemptOutcome, task: DeliveryTask, result: DeliveryResult | null) => void;
  /** A delivery whose lease no longer covers its attempt. */
  readonly onExpired: () => void;
  /** 410: disables the webhook and cancels what is pending; resolves when that is committed. */
  readonly onGone: (webhook: WebhookConfiguration) => Promise<void>;
  /** Many deliveries went in one message, which was taken. */
  readonly onDigest: (webhook: WebhookConfiguration, deliveries: number) => void;
  /** 429 of a chat service: it wants no message for a while. */
  readonly onTooMany: (webhook: WebhookConfiguration, rawHeaders: readonly Buffer[]) => void;
  readonly onError: (what: string, error: unknown) => void;
  /** null: attempts are not traced. */
  readonly traces?: AttemptTraces | null;
}
