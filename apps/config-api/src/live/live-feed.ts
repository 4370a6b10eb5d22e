// Deliveries as they change. Dispatchers publish, per flush and organization, which ones moved; while somebody watches an
// organization this instance listens to its notices alone, collects for a moment, reads the rows once and tells them to
// all who watch. What is missed here (NATS was away, too many at once) shows in the list.
import {
  DeliveriesChangedNotice,
  noticeSubjects,
  ProblemError,
  type LiveDeliveries,
} from '@postrider/contracts';
import { idMs, idRange } from '@postrider/database';
import type { Messaging } from '@postrider/messaging';
import type { Pool } from 'pg';
import { deliveryColumns, toDeliveryResponse, type DeliveryRow } from '../deliveries/delivery-row.js';

const collectMs = 300;
/** So many changes are told one by one per collection; a flood is told as a number. */
const maxTold = 100;
const maxStreams = 500;
const maxStreamsPerOrganization = 50;

export type LiveListener = (changes: LiveDeliveries) => void;

interface Audience {
  readonly listeners: Set<LiveListener>;
  readonly ids: Set<string>;
  readonly unsubscribe: () => void;
  more: number;
  timer: NodeJS.Timeout | null;
}

export interface LiveFeedOptions {
  readonly pool: Pool;
  readonly messaging: Messaging;
  readonly onError: (error: unknown) => void;
}

export class LiveFeed {
  private readonly audiences = new Map<string, Audience>();
  private streams = 0;

  constructor(private readonly options: LiveFeedOptions) {}

  /** Answers what ends it; throws `rate_limited` where too many watch already. */
  listen(organizationId: string, listener: LiveListener): () => void {
    const watching = this.audiences.get(organizationId)?.listeners.size ?? 0;
    if (this.streams >= maxStreams || watching >= maxStreamsPerOrganization) {
      const detail = `at most ${maxStreamsPerOrganization} live streams per organization and ${maxStreams} in all: close one`;
      throw new ProblemError('rate_limited', detail, [], { 'Retry-After': '30' });
    }
    const audience = this.audiences.get(organizationId) ?? this.open(organizationId);
    audience.listeners.add(listener);
    this.streams += 1;
    return () => {
      if (!audience.listeners.delete(listener)) return;
      this.streams -= 1;
      if (audience.listeners.size > 0) return;
      audience.unsubscribe();
      if (audience.timer !== null) clearTimeout(audience.timer);
      this.audiences.delete(organizationId);
    };
  }

  private open(organizationId: string): Audience {
    const audience: Audience = {
      listeners: new Set(),
      ids: new Set(),
      unsubscribe: this.options.messaging.subscribe(
        `${noticeSubjects.deliveriesChanged}.${organizationId}`,
        ({ data }) => this.collect(organizationId, audience, data),
      ),
      more: 0,
      timer: null,
    };
    this.audiences.set(organizationId, audience);
    return audience;
  }

  private collect(organizationId: string, audience: Audience, data: Uint8Array): void {
    const notice = DeliveriesChangedNotice.parse(JSON.parse(Buffer.from(data).toString('utf8')));
    for (const id of notice.DeliveryIds) {
      if (audience.ids.size < maxTold || audience.ids.has(id)) audience.ids.add(id);
      else audience.more += 1;
    }
    audience.timer ??= setTimeout(() => {
      this.tell(organizationId, audience).catch(this.options.onError);
    }, collectMs);
  }

  private async tell(organizationId: string, audience: Audience): Promise<void> {
    const ids = [...audience.ids];
    const more = audience.more;
    audience.ids.clear();
    audience.more = 0;
    audience.timer = null;
    const rows = await this.read(organizationId, ids).catch((error: unknown) => {
      this.options.onError(error);
      return null;
    });
    const changes: LiveDeliveries =
      rows === null
        ? { Data: [], More: ids.length + more }
        : { Data: rows.map(toDeliveryResponse), More: more };
    for (const listener of audience.listeners) listener(changes);
  }

  /** Index: the primary key; the id range leaves out other days' partitions. */
  private async read(organizationId: string, ids: readonly string[]): Promise<DeliveryRow[]> {
    const times = ids.map(idMs);
    const { first, last } = idRange(Math.min(...times), Math.max(...times));
    const { rows } = await this.options.pool.query<DeliveryRow>({
      name: 'live-deliveries',
      text: `SELECT ${deliveryColumns} FROM deliveries
             WHERE organization_id = $1 AND id = ANY($2::uuid[]) AND id >= $3 AND id <= $4 ORDER BY id`,
      values: [organizationId, ids, first, last],
    });
    return rows;
  }
}
