// Words of the OpenAPI document that belong to no single call: what its chapters and its parameters are.

export const tagDescriptions: Readonly<Record<string, string>> = {
  Organizations: 'Tenants. For the admin key.',
  'API keys': 'Keys of an organization, with scopes; each is told once.',
  Webhooks: 'Configured destinations: their topics, filter, state and secret.',
  Topics: 'The catalog of what can happen.',
  Filters: 'Trying a filter on what has happened.',
  Events: 'What was accepted and what was not; publishing.',
  Deliveries: 'The delivery log, live and by query; resends.',
  Replays: 'Many deliveries sent again, at a rate, with progress.',
  Statistics: 'Figures of an organization or of one webhook.',
  Sessions: 'Signing browsers in, and the links that do it for end customers.',
  'Audit log': 'Who changed what of the configuration, and when.',
  System: 'How the services are. For the admin key.',
  Health: 'For probes and Prometheus; without a key. Every service has these.',
  Received: 'What receivers get; how to verify it: docs/receiving.md.',
};

/** By name; where it differs, by `<tag>.<name>`. */
export const parameterDescriptions: Readonly<Record<string, string>> = {
  org: 'Id of the organization.',
  'API keys.id': 'Id of the API key.',
  'Webhooks.id': 'Id of the webhook.',
  'Deliveries.id': 'Id of the delivery.',
  'Replays.id': 'Id of the replay.',
  'Events.id': 'Id of the event, as its publisher gave it or as it was answered.',
  name: 'Name of the topic.',
  Limit: 'Rows of a page.',
  Cursor: '`NextCursor` of the page before, as it is.',
  WebhookId: 'Of this webhook alone.',
  Status: 'With this status.',
  Topic: 'Of events with this topic.',
  EventId: 'Of this event.',
  From: 'Epoch ms, inclusive.',
  To: 'Epoch ms, inclusive.',
  wait: '`false` answers 202 at once.',
};

export const healthTexts: Readonly<
  Record<string, { readonly summary: string; readonly description: string }>
> = {
  '/health/live': { summary: 'Whether the process answers', description: 'With the version of the build.' },
  '/health/ready': {
    summary: 'Whether it can do its work',
    description: '503 where a part of it can not; `checks` names each with the reason.',
  },
  '/metrics': { summary: 'Metrics', description: 'In the text format of Prometheus.' },
};
