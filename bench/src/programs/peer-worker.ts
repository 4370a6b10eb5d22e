// A peer's worker as a process of its own.
import pg from 'pg';
import { orderOf, type PeerOrder } from '../order.js';
import { storeEach, storeInBatches } from '../peers/attempt-store.js';
import { createDelivery } from '../peers/delivery.js';
import { peerOf } from '../peers/peers.js';

const order = orderOf<PeerOrder>();
/** Batches need no more; a row each is written from as many connections as PostgreSQL likes. */
const connections = order.batched ? 2 : 16;
const pool = new pg.Pool({ connectionString: order.connection.databaseUrl, max: connections });
const store = order.batched ? storeInBatches(pool) : storeEach(pool);
await peerOf(order.peer).work(order.connection, createDelivery(order.webhooks, store));
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
