// Every NATS subject, stream and bucket by name. A message type has its version in its subject; a change that an older
// receiver could not read gets a new one.

/** JetStream: events from publishers, `postrider.events.v1.<OrganizationId>.<Topic>`. */
export const eventsSubjectPrefix = 'postrider.events.v1.';
export const eventsSubjects = 'postrider.events.v1.>';
export const eventsStream = 'EVENTS';
export const eventsConsumer = 'event-ingest';

export function eventSubject(organizationId: string, topic: string): string {
  return `${eventsSubjectPrefix}${organizationId}.${topic}`;
}

/** JetStream, in memory: deliveries on their fast way from event-ingest to dispatcher. */
export const laneSubject = 'postrider.deliveries.v1';
export const laneStream = 'DELIVERIES';
export const laneConsumer = 'dispatcher';

/** JetStream, on disk, one message: written to see whether NATS keeps what it is given. */
export const probeSubject = 'postrider.probe.v1';
export const probeStream = 'PROBE';

/** KV bucket in which config-api publishes the configuration. */
export const configurationBucket = 'configuration';

/** Request/reply, answered by one instance of the named service. */
export const requestSubjects = {
  sign: 'postrider.signer.v1.sign',
  createSecret: 'postrider.signer.v1.create-secret',
  rotateSecret: 'postrider.signer.v1.rotate-secret',
  setAuthorization: 'postrider.signer.v1.set-authorization',
  deleteSecrets: 'postrider.signer.v1.delete-secrets',
  ping: 'postrider.event-ingest.v1.ping',
  operationalEvent: 'postrider.event-ingest.v1.operational-event',
  sendExample: 'postrider.event-ingest.v1.send-example',
  resend: 'postrider.dispatcher.v1.resend',
  releaseHeld: 'postrider.dispatcher.v1.release-held',
  holdPending: 'postrider.dispatcher.v1.hold-pending',
  sendConfirmation: 'postrider.dispatcher.v1.send-confirmation',
  cancelPending: 'postrider.dispatcher.v1.cancel-pending',
} as const;
export type RequestName = keyof typeof requestSubjects;

/** Published to all, at most once; who misses one finds the same in PostgreSQL. */
export const noticeSubjects = {
  /** A secret or an Authorization value has changed: signers drop what they remember of it. */
  secretChanged: 'postrider.notices.v1.secret-changed',
  /** The dispatcher has disabled a webhook: config-api publishes its configuration anew. */
  webhookDisabled: 'postrider.notices.v1.webhook-disabled',
  /** An API key was changed or deleted: whoever remembers it forgets it. */
  apiKeyChanged: 'postrider.notices.v1.api-key-changed',
  /** There is something due at once: claimers look now. */
  deliveriesDue: 'postrider.notices.v1.deliveries-due',
  /** A dispatcher is at work, or stops: those at work share the rate limits of webhooks. */
  dispatcherAlive: 'postrider.notices.v1.dispatcher-alive',
  /** config-api asks every instance of every service how it is; each answers with a ServiceStatus. */
  statusAsked: 'postrider.notices.v1.status-asked',
  /** Deliveries of an organization have changed (followed by `.<OrganizationId>`). */
  deliveriesChanged: 'postrider.notices.v1.deliveries-changed',
} as const;
