// How the room for deliveries is shared out: evenly over organizations first, then over the webhooks of each, so that
// nobody waits for a neighbour's backlog, and an organization with a thousand webhooks gets no thousand shares.

export interface Wanting {
  readonly organizationId: string;
  readonly webhookId: string;
  /** What it could take. */
  readonly room: number;
}

export interface Share {
  readonly webhookId: string;
  /** 1 .. its room. */
  readonly quota: number;
}

export function shareOut(wanting: readonly Wanting[], room: number): Share[] {
  const byOrganization = new Map<string, Wanting[]>();
  for (const one of wanting) {
    if (one.room <= 0) continue;
    const others = byOrganization.get(one.organizationId);
    if (others === undefined) byOrganization.set(one.organizationId, [one]);
    else others.push(one);
  }
  const organizations = [...byOrganization.values()];
  const rooms = organizations.map((webhooks) => webhooks.reduce((sum, webhook) => sum + webhook.room, 0));
  const shares: Share[] = [];
  for (const [index, total] of evenly(rooms, room).entries()) {
    const webhooks = organizations[index] ?? [];
    const quotas = evenly(
      webhooks.map((webhook) => webhook.room),
      total,
    );
    for (const [at, quota] of quotas.entries())
      if (quota > 0) shares.push({ webhookId: webhooks[at]?.webhookId ?? '', quota });
  }
  return shares;
}

/** Shares of `total`, each at most its room, as even as they can be; the first ones get what does not divide. */
function evenly(rooms: readonly number[], total: number): number[] {
  const quotas = rooms.map(() => 0);
  let left = total;
  let open = rooms.flatMap((room, index) => (room > 0 ? [index] : []));
  while (left > 0 && open.length > 0) {
    const share = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(share, (rooms[index] ?? 0) - (quotas[index] ?? 0), left);
      quotas[index] = (quotas[index] ?? 0) + more;
      left -= more;
    }
    open = open.filter((index) => (quotas[index] ?? 0) < (rooms[index] ?? 0));
  }
  return quotas;
}
