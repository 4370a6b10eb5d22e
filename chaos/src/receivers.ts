// The process of some receivers: they answer as their webhook's kind says, and tell what they have received and verified.
import { startReceiver, type Behaviour, type ReceivedRequest } from '@postrider/test-kit';
import { misbehaviourOf, misbehaviours } from './misbehaviours.js';
import { Chance } from './random.js';
import type { Customer, FromReceivers, Kind, Receipt, ToReceivers } from './receiver-messages.js';
import { verifies } from './verify.js';

const slowMs = 200;
const flakyShare = 0.05;
const tellMs = 50;

const chance = new Chance(Number(process.argv[2]));
const customers = new Map<string, Customer>();
let isWell = false;
let receipts: Receipt[] = [];

function behaviourOf(kind: Kind): Behaviour {
  switch (kind) {
    case 'healthy':
      return {};
    case 'slow':
      return { delayMs: slowMs };
    case 'flaky':
      return chance.next() < flakyShare ? { status: 500 } : {};
    case 'failing':
      return { status: 500, body: 'out of order' };
    case 'hanging':
      return { instead: 'hang' };
    case 'resetting':
      return chance.next() < 0.5 ? { instead: 'reset' } : {};
    default:
      return misbehaviours[kind];
  }
}

/** With the headers of a 2xx it is received, whatever comes then. */
function isReceived(behaviour: Behaviour, kind: Kind): boolean {
  return 'instead' in behaviour ? misbehaviourOf(kind)?.code === null : (behaviour.status ?? 200) < 300;
}

function receive(request: ReceivedRequest): Behaviour {
  const customer = customers.get(request.header('X-Postrider-Webhook-Id') ?? '');
  if (customer === undefined) return { status: 404 };
  const { webhookId, secret, kind } = customer;
  const behaviour = isWell ? {} : behaviourOf(kind);
  if (isReceived(behaviour, kind))
    receipts.push([webhookId, request.header('webhook-id') ?? '', request.at, verifies(request, secret)]);
  return behaviour;
}

function tell(message: FromReceivers): void {
  process.send?.(message);
}

function tellReceipts(): void {
  if (receipts.length === 0) return;
  tell({ receipts });
  receipts = [];
}

const receiver = await startReceiver();
receiver.respond((request) => {
  // The kit's receiver keeps every request: over minutes that is all the memory there is.
  if (receiver.requests.length > 1_000) receiver.clear();
  return receive(request);
});
process.on('message', (message: ToReceivers) => {
  if ('add' in message) customers.set(message.add.webhookId, message.add);
  else isWell = true;
});
process.once('disconnect', () => process.exit(0));
setInterval(tellReceipts, tellMs);
tell({ url: receiver.url });
