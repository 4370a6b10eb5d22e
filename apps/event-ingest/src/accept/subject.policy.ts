// What the subject of a published event says: postrider.events.v1.<OrganizationId>.<Topic>.
import { eventsSubjectPrefix } from '@postrider/contracts';

export interface EventSubject {
  /** As it stands there, in lower case; null where it is no UUID. */
  readonly organizationId: string | null;
  /** null where there is none. */
  readonly topic: string | null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** In lower case, as ids are kept. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

export function readSubject(subject: string): EventSubject {
  const rest = subject.slice(eventsSubjectPrefix.length);
  const dot = rest.indexOf('.');
  const organization = (dot < 0 ? rest : rest.slice(0, dot)).toLowerCase();
  return {
    organizationId: isUuid(organization) ? organization : null,
    topic: dot < 0 ? null : rest.slice(dot + 1),
  };
}
