// A long list of which only what is in sight is drawn; one stop for the Tab key, arrows move within it (WAI-ARIA listbox).
import type { Delivery } from '@postrider/contracts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { DeliveryState } from '../parts/State.js';
import { duration, Time } from '../parts/Time.js';

const rowHeight = 40;
const listHeight = 560;

export interface DeliveryListProps {
  readonly rows: readonly Delivery[];
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly onOpen: (delivery: Delivery) => void;
}

export function DeliveryList({ rows, hasMore, loadMore, onOpen }: DeliveryListProps) {
  const parent = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => parent.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.Id ?? index,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= rows.length - 20) loadMore();
  });

  const at = rows.findIndex(({ Id }) => Id === current);
  const moveTo = (index: number): void => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (next === undefined) return;
    setCurrent(next.Id);
    virtual.scrollToIndex(rows.indexOf(next));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: 12,
      PageUp: -12,
    };
    const step = steps[event.key];
    const row = rows[at];
    if (step !== undefined) moveTo(at + step);
    else if (event.key === 'Home') moveTo(0);
    else if (event.key === 'End') moveTo(rows.length - 1);
    else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={parent}
      className="log"
      role="listbox"
      aria-label="Deliveries, newest first"
      aria-activedescendant={items.some(({ key }) => key === current) ? `row-${current}` : undefined}
      tabIndex={0}
      style={{ height: Math.min(listHeight, rows.length * rowHeight + 4) }}
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
              <Row delivery={delivery} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Row({ delivery }: { readonly delivery: Delivery }) {
  const { AttemptsCount: attempts } = delivery;
  return (
    <>
      <span>
        <DeliveryState delivery={delivery} />
      </span>
      <span>{delivery.Topic}</span>
      <span data-wide className="mono">
        {delivery.EventId}
      </span>
      <span data-wide>{outcomeOf(delivery)}</span>
      <span data-wide>{attempts === 1 ? '1 attempt' : `${attempts} attempts`}</span>
      <Time at={delivery.CreatedAt} ago size="xs" />
    </>
  );
}

function outcomeOf({ LastStatusCode, LastError, DurationMs, AttemptsCount }: Delivery): string {
  if (AttemptsCount === 0) return 'not tried yet';
  const what =
    LastStatusCode === null ? (LastError?.Code ?? '').replaceAll('_', ' ') : String(LastStatusCode);
  return `${what} · ${duration(DurationMs)}`;
}
