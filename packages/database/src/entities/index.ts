export { ApiKeyEntity } from './api-key.entity.js';
export { OrganizationEntity } from './organization.entity.js';
export { TopicEntity } from './topic.entity.js';
export { WebhookEntity } from './webhook.entity.js';
