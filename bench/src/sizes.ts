// How much each scenario does: enough to be sure, or little enough for all of them to take less than five minutes.
export interface Sizes {
  readonly bytes: number;
  readonly rounds: number;
  readonly events: number;
  /** 0: the peers' plain variants are left out. */
  readonly plainEvents: number;
  readonly rawPosts: number;
  readonly fanOutEvents: number;
  readonly loneEvents: number;
  readonly steadySeconds: number;
  readonly httpEvents: number;
  readonly configuredEvents: number;
  /** The most webhooks that are configured. */
  readonly configured: number;
  readonly pending: number;
  readonly pendingSeconds: number;
  readonly tlsReceivers: number;
}

export const fullSizes: Sizes = {
  bytes: 1_024,
  rounds: 5,
  events: 20_000,
  plainEvents: 5_000,
  rawPosts: 20_000,
  fanOutEvents: 400,
  loneEvents: 20_000,
  steadySeconds: 60,
  httpEvents: 20_000,
  configuredEvents: 20_000,
  configured: 100_000,
  pending: 1_000_000,
  pendingSeconds: 60,
  tlsReceivers: 1_000,
};

export const quickSizes: Sizes = {
  ...fullSizes,
  rounds: 3,
  events: 5_000,
  plainEvents: 0,
  rawPosts: 5_000,
  fanOutEvents: 100,
  loneEvents: 5_000,
  steadySeconds: 10,
  httpEvents: 5_000,
  configuredEvents: 4_000,
  // A minute passes until config-api has brought 100,000 into NATS.
  configured: 20_000,
  pendingSeconds: 10,
};

/** The same with less of everything but the size of an event and the rounds. */
export function partOf(sizes: Sizes, share: number): Sizes {
  const part = (count: number): number => Math.max(1, Math.round(count * share));
  return {
    bytes: sizes.bytes,
    rounds: sizes.rounds,
    events: part(sizes.events),
    plainEvents: Math.round(sizes.plainEvents * share),
    rawPosts: part(sizes.rawPosts),
    fanOutEvents: part(sizes.fanOutEvents),
    loneEvents: part(sizes.loneEvents),
    steadySeconds: part(sizes.steadySeconds),
    httpEvents: part(sizes.httpEvents),
    configuredEvents: part(sizes.configuredEvents),
    configured: sizes.configured,
    pending: part(sizes.pending),
    pendingSeconds: part(sizes.pendingSeconds),
    tlsReceivers: part(sizes.tlsReceivers),
  };
}
