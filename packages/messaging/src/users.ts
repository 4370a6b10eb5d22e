/** The NATS users of the services, named like their PostgreSQL roles. */
export const serviceUsers = ['config_api', 'event_ingest', 'dispatcher', 'signer'] as const;
/** All users of an installation: the services, and `publisher` for schedulers. */
export const natsUsers = [...serviceUsers, 'publisher'] as const;
export type NatsUser = (typeof natsUsers)[number];
