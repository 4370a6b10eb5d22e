// What the pages read, by name. Every key begins with the organization, so that a change there renews all of it.
import type {
  ApiKey,
  Delivery,
  DeliveryWithAttempts,
  EventDetail,
  EventSummary,
  Organization,
  RejectedEvent,
  Stats,
  Topic,
  Webhook,
} from '@postrider/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call, organizationPath, withQuery } from './client.js';

export interface Page<T> {
  readonly Data: T[];
  readonly NextCursor: string | null;
}

const maxPages = 20;

/** All rows of a list that a person looks through: up to 2,000. */
async function readAll<T>(path: string): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const answer: Page<T> = await call('GET', withQuery(path, { Limit: 100, Cursor: cursor }));
    rows.push(...answer.Data);
    cursor = answer.NextCursor;
    if (cursor === null) break;
  }
  return rows;
}

export function useOrganizations(enabled: boolean) {
  return useQuery({
    queryKey: ['organizations'],
    queryFn: () => readAll<Organization>('/v1/organizations'),
    enabled,
  });
}

export function useWebhooks(org: string) {
  return useQuery({
    queryKey: [org, 'webhooks'],
    queryFn: () => readAll<Webhook>(`${organizationPath(org)}/webhooks`),
  });
}

export function useWebhook(org: string, id: string) {
  return useQuery({
    queryKey: [org, 'webhooks', id],
    queryFn: () => call<Webhook>('GET', `${organizationPath(org)}/webhooks/${id}`),
  });
}

export function useTopics() {
  return useQuery({ queryKey: ['topics'], queryFn: () => readAll<Topic>('/v1/topics') });
}

export interface StatsRange {
  readonly webhookId?: string | undefined;
  readonly hours: number;
}

export function useStats(org: string, { webhookId, hours }: StatsRange) {
  return useQuery({
    queryKey: [org, 'stats', webhookId ?? null, hours],
    queryFn: () =>
      call<Stats>(
        'GET',
        withQuery(`${organizationPath(org)}/stats`, {
          WebhookId: webhookId,
          From: Date.now() - hours * 3_600_000,
        }),
      ),
    refetchInterval: 30_000,
  });
}

export interface DeliveryFilters {
  readonly WebhookId?: string | undefined;
  readonly Status?: string | undefined;
  readonly Topic?: string | undefined;
  readonly EventId?: string | undefined;
  readonly From?: string | undefined;
  readonly To?: string | undefined;
}

export function useDeliveries(org: string, filters: DeliveryFilters) {
  return useInfiniteQuery({
    queryKey: [org, 'deliveries', filters],
    queryFn: ({ pageParam }) =>
      call<Page<Delivery>>(
        'GET',
        withQuery(`${organizationPath(org)}/deliveries`, { ...filters, Limit: 100, Cursor: pageParam }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.NextCursor,
  });
}

/** Asked for again while something is under way. */
export function useDelivery(org: string, id: string, expectedAttempts: number) {
  return useQuery({
    queryKey: [org, 'delivery', id],
    queryFn: () => call<DeliveryWithAttempts>('GET', `${organizationPath(org)}/deliveries/${id}`),
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
      call<Page<EventSummary>>(
        'GET',
        withQuery(`${organizationPath(org)}/events`, { ...filters, Limit: 50, Cursor: pageParam }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.NextCursor,
  });
}

export function useEvent(org: string, id: string | null) {
  return useQuery({
    queryKey: [org, 'event', id],
    queryFn: () => call<EventDetail>('GET', `${organizationPath(org)}/events/${id ?? ''}`),
    enabled: id !== null,
  });
}

export function useRejectedEvents(org: string) {
  return useQuery({
    queryKey: [org, 'rejected-events'],
    queryFn: () => call<Page<RejectedEvent>>('GET', `${organizationPath(org)}/rejected-events?Limit=100`),
  });
}

export function useApiKeys(org: string) {
  return useQuery({
    queryKey: [org, 'api-keys'],
    queryFn: () => readAll<ApiKey>(`${organizationPath(org)}/api-keys`),
  });
}
