export { WebhookVerificationError, type VerificationErrorCode } from './errors.js';
export type { WebhookEvent } from './event.js';
export { expressWebhook, type WithWebhook } from './express.js';
export { fastifyWebhook } from './fastify.js';
export { verifyRequest } from './fetch.js';
export type { HeadersLike } from './headers.js';
export { nestWebhook } from './nest.js';
export { verify, type VerifyOptions } from './verify.js';
