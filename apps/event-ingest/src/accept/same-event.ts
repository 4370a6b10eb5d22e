// "The same Id again is the same event": equal Topic, Resource, Data, PreviousData and Actor as JSON values, and the
// times where both publishes gave them.
import type { CloudEventOrigin } from '@postrider/contracts';
import { createdAtGiven, updatedAtGiven, type IncomingEvent } from '../shared/event.js';
import { canonicalContent } from './canonical-json.policy.js';
import { readEvent } from './event-json.policy.js';

type Content = Omit<IncomingEvent, 'id' | 'organizationId'>;

export function isSameEvent(a: Content, b: Content): boolean {
  const bothGave = a.timesGiven & b.timesGiven;
  return (
    a.topic === b.topic &&
    a.resource === b.resource &&
    // Two sources may count in the same way; a retry may come with another trace.
    a.cloudEvent?.Source === b.cloudEvent?.Source &&
    a.actor?.Type === b.actor?.Type &&
    a.actor?.Id === b.actor?.Id &&
    ((bothGave & createdAtGiven) === 0 || a.createdAt === b.createdAt) &&
    ((bothGave & updatedAtGiven) === 0 || a.updatedAt === b.updatedAt) &&
    isSameJson(a.data, b.data) &&
    isSameJson(a.previousData ?? 'null', b.previousData ?? 'null')
  );
}

/** Most repeats are the very same bytes. */
function isSameJson(a: string, b: string): boolean {
  return a === b || canonicalContent(a) === canonicalContent(b);
}

/** Compares with an event's stored text; where that is gone with its day, an Id that is known is believed. */
export function isSameAsStored(
  event: Content,
  stored: { readonly text: string | null; readonly timesGiven: number },
): boolean {
  if (stored.text === null) return true;
  const first = readEvent(stored.text);
  if (!first.ok) return false;
  const { data, previousData, members } = first.event;
  const { Topic, CreatedAt, UpdatedAt, Resource, Actor, CloudEvent } = members as {
    Topic: string;
    CreatedAt: number;
    UpdatedAt: number;
    Resource: string | null;
    Actor?: { Type: string; Id: string };
    CloudEvent?: CloudEventOrigin;
  };
  return isSameEvent(event, {
    topic: Topic,
    createdAt: CreatedAt,
    updatedAt: UpdatedAt,
    resource: Resource,
    actor: Actor ?? null,
    ...(CloudEvent === undefined ? {} : { cloudEvent: CloudEvent }),
    data: data?.text ?? '{}',
    previousData: previousData?.kind === 'object' ? previousData.text : null,
    timesGiven: stored.timesGiven,
  });
}
