// What services need at run time. Entities, which bring all of TypeORM, are an entry of their own: three of the four
// services do without it, and start a fifth quicker for it.
export * from './pool.js';
export * from './organization-scope.js';
export * from './batch-params.js';
export * from './ids.js';
export * from './database-clock.js';
export * from './roles.js';
export * from './sql/load-configuration.js';
export * from './sql/find-api-key.js';
