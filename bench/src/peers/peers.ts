import { bullmq } from './bullmq.js';
import { graphileWorker } from './graphile-worker.js';
import type { PeerName } from '../order.js';
import type { Peer } from './peer.js';
import { pgBoss } from './pg-boss.js';

export const peerNames: readonly PeerName[] = ['bullmq', 'pg-boss', 'graphile-worker'];

export function peerOf(name: PeerName): Peer {
  switch (name) {
    case 'bullmq':
      return bullmq;
    case 'pg-boss':
      return pgBoss;
    case 'graphile-worker':
      return graphileWorker;
  }
}
