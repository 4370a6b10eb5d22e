// A long list of which only what is in sight is drawn; one stop for the Tab key, arrows move within it (WAI-ARIA listbox).
import type { Delivery } from '@postrider/contracts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { DeliveryState } from '../parts/State.js';
import { duration, localTime, relativeTime, shortTime } from '../parts/Time.js';
import { plainError } from './causes.js';

const rowHeight = 40;
/** As much of the window as the log gets: what stands above it has its place, and a short window still shows some rows. */
const listHeight = 'max(16rem, calc(100dvh - 20rem))';

export interface DeliveryListProps {
  readonly rows: readonly Delivery[];
  /** Names by id; null in the log of one webhook, which needs none. */
  readonly webhookNames: ReadonlyMap<string, string> | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly onOpen: (delivery: Delivery) => void;
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: 12,
  PageUp: -12,
};

export function DeliveryList({ rows, webhookNames, hasMore, loadMore, onOpen }: DeliveryListProps) {
  const parent = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => parent.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.Id ?? index,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - 50) loadMore();
  });

  const moveTo = (index: number): void => {
    const at = Math.max(0, Math.min(rows.length - 1, index));
    const next = rows[at];
    if (next === undefined) return;
    setCurrent(next.Id);
    virtual.scrollToIndex(at);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    const at = rows.findIndex(({ Id }) => Id === current);
    const row = rows[at];
    if (step !== undefined) moveTo(at + step);
    else if (event.key === 'Home') moveTo(0);
    else if (event.key === 'End') moveTo(rows.length - 1);
    else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else return;
    event.preventDefault();
  };

  return (
    <div className="log-frame" {...(webhookNames === null ? { 'data-one-webhook': '' } : {})}>
      <div className="log-head" aria-hidden="true">
        <span>Status</span>
        <span>Topic</span>
        {webhookNames === null ? null : <span>Webhook</span>}
        <span>Event</span>
        <span>Last attempt</span>
        <span>Attempts</span>
        <span>Made</span>
      </div>
      <div
        ref={parent}
        className="log"
        role="listbox"
        aria-label="Deliveries, newest first"
        aria-activedescendant={items.some(({ key }) => key === current) ? `row-${current}` : undefined}
        tabIndex={0}
        style={{ height: rows.length * rowHeight, maxHeight: listHeight }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (current === null && rows[0] !== undefined) setCurrent(rows[0].Id);
        }}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const delivery = rows[item.index];
            if (delivery === undefined) return null;
            return (
              <div
                key={delivery.Id}
                id={`row-${delivery.Id}`}
                className="log-row"
                role="option"
                aria-selected={delivery.Id === current}
                aria-setsize={hasMore ? -1 : rows.length}
                aria-posinset={item.index + 1}
                style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
                onClick={() => {
                  setCurrent(delivery.Id);
                  onOpen(delivery);
                }}
              >
                <Row
                  delivery={delivery}
                  webhookName={
                    webhookNames === null ? null : (webhookNames.get(delivery.WebhookId) ?? 'deleted webhook')
                  }
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Drawn again only when the delivery has changed, not while others scroll by. */
const Row = memo(function Row({
  delivery,
  webhookName,
}: {
  readonly delivery: Delivery;
  readonly webhookName: string | null;
}) {
  const { AttemptsCount: attempts, CreatedAt: at } = delivery;
  return (
    <>
      <span>
        <DeliveryState delivery={delivery} />
      </span>
      <span>{delivery.Topic}</span>
      {webhookName === null ? null : (
        <bdi data-wide="" title={webhookName}>
          {webhookName}
        </bdi>
      )}
      <span data-wide="" className="mono" title={delivery.EventId}>
        {delivery.EventId}
      </span>
      <span data-wide="">{outcomeOf(delivery)}</span>
      <span data-wide="">{attempts === 1 ? '1 attempt' : `${attempts} attempts`}</span>
      {/* The browser's own hint: one of ours per row would be felt while scrolling. */}
      <time
        dateTime={new Date(at).toISOString()}
        title={`${relativeTime(at)} · ${localTime(at)} · ${new Date(at).toISOString()}`}
      >
        {shortTime(at)}
      </time>
    </>
  );
});

function outcomeOf({ LastStatusCode, LastError, DurationMs, AttemptsCount }: Delivery): string {
  if (AttemptsCount === 0) return 'not tried yet';
  // A 200 may be a failure, too: of a chat service that took the message and says it could not post it.
  const isStatus = LastStatusCode !== null && (LastError === null || LastError.Code === 'http_status');
  const what = isStatus ? String(LastStatusCode) : plainError(LastError);
  return `${what} · ${duration(DurationMs)}`;
}
