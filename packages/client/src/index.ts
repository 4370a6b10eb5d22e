export { PostriderClient } from './client.js';
export { PostriderApiError, PostriderUnreachableError } from './errors.js';
export { EventStreamParser, type LiveOptions } from './live.js';
export {
  everyRow,
  OrganizationClient,
  type ApiKeyInput,
  type DeliveriesQuery,
  type Page,
  type PageQuery,
  type ReplayInput,
  type WebhookInput,
} from './organization.js';
export type { ClientOptions } from './transport.js';
