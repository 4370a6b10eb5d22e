export { PostriderClient, type TopicInput } from './client.js';
export { PostriderApiError, PostriderUnreachableError } from './errors.js';
export { EventStreamParser, type LiveOptions } from './live.js';
export {
  everyRow,
  OrganizationClient,
  type ApiKeyInput,
  type DeliveriesQuery,
  type EventsQuery,
  type Page,
  type PageQuery,
  type PortalLinkInput,
  type ReplayInput,
  type WebhookInput,
} from './organization.js';
export type { ClientOptions, Method } from './transport.js';
