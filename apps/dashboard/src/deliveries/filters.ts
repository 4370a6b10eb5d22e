// The filters of the log stand in the URL, so that a view can be sent to somebody.
import type { DeliveryStatus } from '@postrider/contracts';
import { useSearchParams } from 'wouter';
import type { DeliveryFilters } from '../api/queries.js';

export type FilterName = 'WebhookId' | 'Status' | 'Topic' | 'EventId' | 'Range';

export const ranges: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 7 * 86_400_000 },
};

const minuteMs = 60_000;

export function useFilters(webhookId: string | undefined) {
  const [parameters, setParameters] = useSearchParams();
  const value = (name: FilterName): string | undefined => parameters.get(name) || undefined;
  const range = ranges[value('Range') ?? ''];
  // Whole minutes: what is asked for stays the same from one look to the next.
  const from = range === undefined ? undefined : Math.floor((Date.now() - range.ms) / minuteMs) * minuteMs;
  const filters: DeliveryFilters = {
    WebhookId: webhookId ?? value('WebhookId'),
    // Whatever the URL says: the API refuses what is none, in words.
    Status: value('Status') as DeliveryStatus | undefined,
    Topic: value('Topic'),
    EventId: value('EventId'),
    From: from,
  };
  const set = (changes: Partial<Record<FilterName | 'delivery', string | null>>): void =>
    setParameters(
      (current) => {
        const next = new URLSearchParams(current);
        for (const [name, to] of Object.entries(changes)) {
          if (to === null || to === '') next.delete(name);
          else next.set(name, to);
        }
        return next;
      },
      // Opening a delivery is a step that the back button takes back.
      { replace: !('delivery' in changes) },
    );
  const clear = (): void =>
    setParameters(new URLSearchParams(webhookId === undefined ? '' : 'tab=deliveries'));
  const isFiltered = (['WebhookId', 'Status', 'Topic', 'EventId', 'Range'] as const).some(
    (name) => value(name) !== undefined,
  );
  return { filters, value, set, clear, isFiltered, selected: parameters.get('delivery') };
}
