// What the pages read, by name. Every key begins with the organization, so that a change there renews all of it.
import { everyRow, type DeliveriesQuery, type Page, type PageQuery } from '@postrider/client';
import type { EventDetail } from '@postrider/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { memberTexts } from '../parts/json.policy.js';
import { postrider } from './client.js';

const maxRows = 2_000;

/** All rows of a list that a person looks through. */
async function readAll<T>(list: (query: PageQuery) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of everyRow(list)) {
    if (rows.push(row) === maxRows) break;
  }
  return rows;
}

/** Page by page, as somebody goes on reading. */
const firstPage: { readonly Cursor?: string } = {};
function nextPage({ NextCursor }: Page<unknown>): { readonly Cursor: string } | null {
  return NextCursor === null ? null : { Cursor: NextCursor };
}

export function useOrganizations(enabled: boolean) {
  return useQuery({
    queryKey: ['organizations'],
    queryFn: () => readAll((page) => postrider.organizations(page)),
    enabled,
  });
}

export function useWebhooks(org: string, enabled = true) {
  return useQuery({
    queryKey: [org, 'webhooks'],
    queryFn: () => readAll((page) => postrider.organization(org).webhooks.list(page)),
    enabled,
  });
}

export function useWebhook(org: string, id: string) {
  return useQuery({
    queryKey: [org, 'webhooks', id],
    queryFn: () => postrider.organization(org).webhooks.get(id),
  });
}

export function useTopics(enabled = true) {
  return useQuery({
    queryKey: ['topics'],
    queryFn: () => readAll((page) => postrider.topics(page)),
    enabled,
  });
}

export interface StatsRange {
  readonly webhookId?: string | undefined;
  readonly hours: number;
}

export function useStats(org: string, { webhookId, hours }: StatsRange) {
  return useQuery({
    queryKey: [org, 'stats', webhookId ?? null, hours],
    queryFn: () =>
      postrider.organization(org).stats({ WebhookId: webhookId, From: Date.now() - hours * 3_600_000 }),
    refetchInterval: 30_000,
  });
}

export type DeliveryFilters = Omit<DeliveriesQuery, keyof PageQuery>;

export function useDeliveries(org: string, filters: DeliveryFilters) {
  return useInfiniteQuery({
    queryKey: [org, 'deliveries', filters],
    queryFn: ({ pageParam }) =>
      postrider.organization(org).deliveries.list({ ...filters, Limit: 100, ...pageParam }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
    // To compare ten thousand rows with those before takes longer than a frame, and to read them all again a hundred
    // calls: what changes comes live.
    structuralSharing: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Asked for again while something is under way. */
export function useDelivery(org: string, id: string, expectedAttempts: number) {
  return useQuery({
    queryKey: [org, 'delivery', id],
    queryFn: () => postrider.organization(org).deliveries.get(id),
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined) return false;
      if (data.Attempts.length < expectedAttempts) return 700;
      const dueInMs = (data.NextAttemptAt ?? Infinity) - Date.now();
      return data.Status === 'Pending' && dueInMs < 60_000 ? 2_000 : false;
    },
  });
}

export function useEvents(org: string, filters: { Topic?: string | undefined }) {
  return useInfiniteQuery({
    queryKey: [org, 'events', filters],
    queryFn: ({ pageParam }) =>
      postrider.organization(org).events.list({ ...filters, Limit: 50, ...pageParam }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
  });
}

export interface EventWithTexts {
  readonly event: EventDetail;
  /** As published: every digit, keys in their order. */
  readonly data: string;
  readonly previousData: string | null;
}

export function useEvent(org: string, id: string) {
  return useQuery({
    queryKey: [org, 'event', id],
    queryFn: async (): Promise<EventWithTexts> => {
      const text = await postrider.organization(org).events.getText(id);
      const event = JSON.parse(text) as EventDetail;
      const members = memberTexts(text);
      return {
        event,
        data: members.get('Data') ?? '{}',
        previousData: event.PreviousData === null ? null : (members.get('PreviousData') ?? null),
      };
    },
  });
}

export function useRejectedEvents(org: string) {
  return useQuery({
    queryKey: [org, 'rejected-events'],
    queryFn: () => postrider.organization(org).events.rejected({ Limit: 100 }),
  });
}

export function useApiKeys(org: string) {
  return useQuery({
    queryKey: [org, 'api-keys'],
    queryFn: () => readAll((page) => postrider.organization(org).apiKeys.list(page)),
  });
}

/** Of an organization; of the installation where `org` is null. */
export function useAuditLog(org: string | null) {
  const of = org === null ? postrider : postrider.organization(org);
  return useInfiniteQuery({
    queryKey: [org, 'audit-log'],
    queryFn: ({ pageParam }) => of.auditLog({ Limit: 50, ...pageParam }),
    initialPageParam: firstPage,
    getNextPageParam: nextPage,
  });
}

export function useSystem() {
  return useQuery({
    queryKey: ['system'],
    queryFn: () => postrider.system(),
    refetchInterval: 5_000,
  });
}
