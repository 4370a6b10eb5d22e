import type { Scope } from '@postrider/contracts';
import { useMay, useSession } from '../api/session.js';

export interface Place {
  readonly label: string;
  readonly path: string;
  /** With Shift, from anywhere. */
  readonly keys: string;
  /** Of the installation, not of an organization. */
  readonly admin: boolean;
}

/** The pages that the signed-in may see. */
export function usePlaces(org: string | null): Place[] {
  const session = useSession();
  const may: Partial<Record<Scope, boolean>> = {
    'webhooks:read': useMay('webhooks:read'),
    'deliveries:read': useMay('deliveries:read'),
    'keys:manage': useMay('keys:manage'),
  };
  const places: Place[] = [];
  const add = (scope: Scope, label: string, page: string, keys: string): void => {
    if (may[scope] === true) places.push({ label, path: `/o/${org}/${page}`, keys, admin: false });
  };
  if (org !== null) {
    add('webhooks:read', 'Webhooks', 'webhooks', 'w');
    add('deliveries:read', 'Deliveries', 'deliveries', 'd');
    add('deliveries:read', 'Charts', 'charts', 'c');
    add('deliveries:read', 'Events', 'events', 'e');
    add('webhooks:read', 'Topics', 'topics', 't');
    add('keys:manage', 'API keys', 'keys', 'k');
    add('keys:manage', 'Audit log', 'audit-log', 'a');
  }
  if (session.Kind === 'admin') {
    places.push({ label: 'Organizations', path: '/admin/organizations', keys: 'o', admin: true });
    places.push({ label: 'System', path: '/admin/system', keys: 's', admin: true });
  }
  return places;
}
