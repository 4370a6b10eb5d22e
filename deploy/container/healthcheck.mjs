// Whether this container's service answers. Live, not ready: a service that waits for PostgreSQL or NATS is well, and
// starting it again would help nobody.
const { SERVICE_PORT, CONFIG_API_PORT, EVENT_INGEST_PORT, DISPATCHER_PORT, SIGNER_PORT } = process.env;
const ports = { 3000: CONFIG_API_PORT, 3001: EVENT_INGEST_PORT, 3002: DISPATCHER_PORT, 3003: SIGNER_PORT };
const port = ports[SERVICE_PORT] || SERVICE_PORT;
const { ok } = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(3_000) });
process.exit(ok ? 0 : 1);
