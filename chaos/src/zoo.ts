// Receivers of all kinds, in processes of their own so that the publisher does not hold them up: what each does is decided
// by its webhook's kind. Here is what they have received, verified and answered with 2xx.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WebhookWithSecret } from '@postrider/contracts';
import { keep } from '@postrider/test-kit';
import type { Chance } from './random.js';
import type { FromReceivers, Kind, ToReceivers } from './receiver-messages.js';

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

interface House {
  readonly url: string;
  readonly process: ChildProcess;
}

const houses = 2;
const program = fileURLToPath(new URL('./receivers.js', import.meta.url));

export class Zoo {
  readonly webhooks = new Map<string, ZooWebhook>();
  received = 0;
  private isClosing = false;

  private constructor(private readonly houses: readonly House[]) {
    for (const { process: child } of houses) {
      child.on('message', (message: FromReceivers) => this.hear(message));
      child.once('exit', (code, by) => {
        // Without receivers nothing that follows would say anything of Postrider.
        if (!this.isClosing) throw new Error(`the receivers of the bench have ended (${code ?? by})`);
      });
    }
  }

  static async open(chance: Chance): Promise<Zoo> {
    return new Zoo(
      await Promise.all(Array.from({ length: houses }, () => openHouse(chance.below(1_000_000)))),
    );
  }

  private houseOf(index: number): House {
    const house = this.houses[index % this.houses.length];
    if (house === undefined) throw new Error('there is no receiver');
    return house;
  }

  /** Where the webhook that is added next is to go. */
  urlOf(kind: Kind): string {
    return `${this.houseOf(this.webhooks.size).url}/${encodeURIComponent(kind)}`;
  }

  add(webhook: WebhookWithSecret, kind: Kind): void {
    const { process: child } = this.houseOf(this.webhooks.size);
    this.webhooks.set(webhook.Id, {
      webhook,
      kind,
      receipts: { byEvent: new Map(), firstAt: new Map(), unverified: 0 },
    });
    tell(child, { add: { webhookId: webhook.Id, secret: webhook.SigningSecret ?? '', kind } });
  }

  /** From now on everyone answers 200 at once: what still waits can come in. */
  heal(): void {
    for (const { process: child } of this.houses) tell(child, { heal: true });
  }

  private hear(message: FromReceivers): void {
    if (!('receipts' in message)) return;
    for (const [webhookId, eventId, at, isVerified] of message.receipts) {
      const receipts = this.webhooks.get(webhookId)?.receipts;
      if (receipts === undefined) continue;
      if (!isVerified) {
        receipts.unverified += 1;
        continue;
      }
      this.received += 1;
      receipts.byEvent.set(eventId, (receipts.byEvent.get(eventId) ?? 0) + 1);
      if (!receipts.firstAt.has(eventId)) receipts.firstAt.set(eventId, at);
    }
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all(
      this.houses.map(async ({ process: child }) => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.disconnect();
        await ended;
      }),
    );
  }
}

function tell(child: ChildProcess, message: ToReceivers): void {
  child.send(message);
}

async function openHouse(seed: number): Promise<House> {
  const child = fork(program, [String(seed)]);
  keep(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code, by) => reject(new Error(`the receivers did not start (${code ?? by})`)));
    child.once('message', (message: FromReceivers) => {
      if ('url' in message) resolve(message.url);
    });
  });
  return { url, process: child };
}
