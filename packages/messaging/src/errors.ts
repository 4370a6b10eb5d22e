/** NATS, or the service behind a subject, is away for the moment. */
export class MessagingAwayError extends Error {
  override readonly name = 'MessagingAwayError';
}
