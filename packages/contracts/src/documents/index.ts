// Door of its own (`@postrider/contracts/documents`): what documents need, services and browsers do without.
export { asyncApiDocument } from './asyncapi.js';
export { DeliveredEvent } from './delivered-event.js';
export { deliveredExamples } from './event-examples.js';
export { examples } from './examples.js';
export { completeOpenApi, withEventDoor, type OpenApiLike } from './openapi.js';
