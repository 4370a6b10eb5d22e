// Receivers of all kinds behind one address: what each does is decided by the first part of its path. Each keeps the ids
// that it has received, verified and answered with 2xx.
import type { WebhookWithSecret } from '@postrider/contracts';
import { startReceiver, type Behaviour, type ReceivedRequest, type Receiver } from '@postrider/test-kit';
import { misbehaviourOf, misbehaviours, type Misbehaving } from './misbehaviours.js';
import type { Chance } from './random.js';
import { verifies } from './verify.js';

export type Kind = 'healthy' | 'slow' | 'flaky' | 'failing' | 'hanging' | 'resetting' | Misbehaving;

export interface Receipts {
  /** Event ids and how often each was received. */
  readonly byEvent: Map<string, number>;
  /** When an event was received first, epoch ms. */
  readonly firstAt: Map<string, number>;
  unverified: number;
}

export interface ZooWebhook {
  readonly webhook: WebhookWithSecret;
  readonly kind: Kind;
  readonly receipts: Receipts;
}

const slowMs = 200;
const flakyShare = 0.05;

export class Zoo {
  readonly webhooks = new Map<string, ZooWebhook>();
  private isWell = false;

  private constructor(
    readonly receiver: Receiver,
    private readonly chance: Chance,
  ) {}

  static async open(chance: Chance): Promise<Zoo> {
    const zoo = new Zoo(await startReceiver(), chance);
    zoo.receiver.respond((request) => zoo.receive(request));
    return zoo;
  }

  urlOf(kind: Kind): string {
    return `${this.receiver.url}/${encodeURIComponent(kind)}`;
  }

  add(webhook: WebhookWithSecret, kind: Kind): void {
    this.webhooks.set(webhook.Id, {
      webhook,
      kind,
      receipts: { byEvent: new Map(), firstAt: new Map(), unverified: 0 },
    });
  }

  /** From now on everyone answers 200 at once: what still waits can come in. */
  heal(): void {
    this.isWell = true;
  }

  private receive(request: ReceivedRequest): Behaviour {
    const entry = this.webhooks.get(request.header('X-Postrider-Webhook-Id') ?? '');
    if (entry === undefined) return { status: 404 };
    const behaviour = this.isWell ? {} : this.behaviourOf(entry.kind);
    // With the headers of a 2xx it is received, whatever comes then.
    const isReceived =
      'instead' in behaviour ? misbehaviourOf(entry.kind)?.code === null : (behaviour.status ?? 200) < 300;
    if (isReceived) remember(entry, request);
    // The kit's receiver keeps every request: over minutes that is all the memory there is.
    if (this.receiver.requests.length > 1_000) this.receiver.clear();
    return behaviour;
  }

  private behaviourOf(kind: Kind): Behaviour {
    switch (kind) {
      case 'healthy':
        return {};
      case 'slow':
        return { delayMs: slowMs };
      case 'flaky':
        return this.chance.next() < flakyShare ? { status: 500 } : {};
      case 'failing':
        return { status: 500, body: 'out of order' };
      case 'hanging':
        return { instead: 'hang' };
      case 'resetting':
        return this.chance.next() < 0.5 ? { instead: 'reset' } : {};
      default:
        return misbehaviours[kind];
    }
  }

  get received(): number {
    let sum = 0;
    for (const { receipts } of this.webhooks.values())
      for (const count of receipts.byEvent.values()) sum += count;
    return sum;
  }

  async close(): Promise<void> {
    await this.receiver.stop();
  }
}

function remember({ webhook, receipts }: ZooWebhook, request: ReceivedRequest): void {
  if (!verifies(request, webhook.SigningSecret ?? '')) {
    receipts.unverified += 1;
    return;
  }
  const id = request.header('webhook-id') ?? '';
  receipts.byEvent.set(id, (receipts.byEvent.get(id) ?? 0) + 1);
  if (!receipts.firstAt.has(id)) receipts.firstAt.set(id, request.at);
}
