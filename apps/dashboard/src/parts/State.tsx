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

export function WebhookStateBadge({ webhook }: { readonly webhook: Pick<Webhook, 'State'> }) {
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
export function whyState({ State: state, DisabledReason }: Pick<Webhook, 'State' | 'DisabledReason'>) {
  if (state === 'paused') return 'Paused by a person: events are held until it is resumed.';
  if (state !== 'disabled') return null;
  return DisabledReason === 'gone'
    ? 'The receiver answered 410 Gone, which says that it wants nothing more.'
    : 'Nothing but failures for 5 days.';
}
