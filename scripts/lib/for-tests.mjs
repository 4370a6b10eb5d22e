// What packages/test-kit takes from here, so that tests run the same PostgreSQL, NATS and services as `npm start`.
export { ensureNatsServer } from './nats-binary.mjs';
export { loadNatsPermissions, natsUrl, prepareNats, startNats, stopNats } from './nats.mjs';
export { root, services, entryPoint } from './paths.mjs';
export { freePort } from './ports.mjs';
export { preparePostgres, startPostgres, stopPostgres } from './postgres.mjs';
export { endProcess, isAlive, tailOf } from './process.mjs';
export { launchService, serviceEnvironment, urlAs } from './services.mjs';
export { testPostgresOf } from './test-postgres.mjs';
