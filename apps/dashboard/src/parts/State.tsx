// States by colour, mark and word: never by colour alone (WCAG 1.4.1).
import type { Delivery, DeliveryStatus, Webhook } from '@postrider/contracts';

type Tone = 'good' | 'bad' | 'wait' | 'quiet';

export function State({
  tone,
  mark,
  children,
}: {
  readonly tone: Tone;
  readonly mark: string;
  readonly children: string;
}) {
  return (
    <span className="state" data-tone={tone}>
      <span aria-hidden="true">{mark}</span>
      <span>{children}</span>
    </span>
  );
}

const deliveryStates: Readonly<Record<DeliveryStatus, readonly [Tone, string]>> = {
  Succeeded: ['good', '✓'],
  Failed: ['bad', '✕'],
  Pending: ['wait', '…'],
  Held: ['wait', '‖'],
  Cancelled: ['quiet', '–'],
};

export function DeliveryState({
  delivery,
}: {
  readonly delivery: Pick<Delivery, 'Status' | 'AttemptsCount'>;
}) {
  const [tone, mark] = deliveryStates[delivery.Status];
  const isRetrying = delivery.Status === 'Pending' && delivery.AttemptsCount > 0;
  return (
    <State tone={tone} mark={mark}>
      {isRetrying ? 'Retrying' : delivery.Status}
    </State>
  );
}

type Stated = Pick<Webhook, 'State' | 'DisabledReason' | 'Type' | 'EmailConfirmedAt'>;

/** Mail goes to nobody who has not agreed to it. */
export const awaitsReader = ({ Type, EmailConfirmedAt, State: state }: Stated): boolean =>
  Type === 'email' && EmailConfirmedAt === null && state !== 'disabled';

export function WebhookStateBadge({ webhook }: { readonly webhook: Stated }) {
  if (awaitsReader(webhook)) {
    return (
      <State tone="wait" mark="…">
        Unconfirmed
      </State>
    );
  }
  switch (webhook.State) {
    case 'enabled':
      return (
        <State tone="good" mark="✓">
          Enabled
        </State>
      );
    case 'paused':
      return (
        <State tone="wait" mark="‖">
          Paused
        </State>
      );
    case 'disabled':
      return (
        <State tone="bad" mark="✕">
          Disabled
        </State>
      );
  }
}

/** Why a webhook is in its state, in a sentence; null for an enabled one. */
export function whyState(webhook: Stated): string | null {
  const { State: state, DisabledReason, Type } = webhook;
  if (awaitsReader(webhook)) return 'The reader of this address has not followed the link in our mail yet.';
  if (state === 'paused') return 'Paused: events are held until it is resumed.';
  if (state !== 'disabled') return null;
  if (DisabledReason !== 'gone') return 'Nothing but failures for 5 days.';
  return Type === 'email'
    ? 'The reader has unsubscribed by the link in a mail.'
    : 'The receiver answered 410 Gone: it wants nothing more.';
}
