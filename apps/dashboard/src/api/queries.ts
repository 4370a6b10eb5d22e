// What the pages read, by name. Every key begins with the organization, so that a change there renews all of it.
import type {
  ApiKey,
  AuditEntry,
  Delivery,
  DeliveryWithAttempts,
  EventDetail,
  EventSummary,
  Organization,
  RejectedEvent,
  Stats,
  SystemStatus,
  Topic,
  Webhook,
} from '@postrider/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { memberTexts } from '../parts/json.policy.js';
import { call, callForText, organizationPath, withQuery } from './client.js';

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

export function useWebhooks(org: string, enabled = true) {
  return useQuery({
    queryKey: [org, 'webhooks'],
    queryFn: () => readAll<Webhook>(`${organizationPath(org)}/webhooks`),
    enabled,
  });
}

export function useWebhook(org: string, id: string) {
  return useQuery({
    queryKey: [org, 'webhooks', id],
    queryFn: () => call<Webhook>('GET', `${organizationPath(org)}/webhooks/${id}`),
  });
}

export function useTopics(enabled = true) {
  return useQuery({ queryKey: ['topics'], queryFn: () => readAll<Topic>('/v1/topics'), enabled });
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
      const text = await callForText('GET', `${organizationPath(org)}/events/${encodeURIComponent(id)}`);
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
    queryFn: () => call<Page<RejectedEvent>>('GET', `${organizationPath(org)}/rejected-events?Limit=100`),
  });
}

export function useApiKeys(org: string) {
  return useQuery({
    queryKey: [org, 'api-keys'],
    queryFn: () => readAll<ApiKey>(`${organizationPath(org)}/api-keys`),
  });
}

/** Of an organization; of the installation where `org` is null. */
export function useAuditLog(org: string | null) {
  const path = org === null ? '/v1/audit-log' : `${organizationPath(org)}/audit-log`;
  return useInfiniteQuery({
    queryKey: [org, 'audit-log'],
    queryFn: ({ pageParam }) =>
      call<Page<AuditEntry>>('GET', withQuery(path, { Limit: 50, Cursor: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.NextCursor,
  });
}

export function useSystem() {
  return useQuery({
    queryKey: ['system'],
    queryFn: () => call<SystemStatus>('GET', '/v1/system'),
    refetchInterval: 5_000,
  });
}
