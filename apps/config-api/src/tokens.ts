// What the application is made with, where the thing itself has no class to be injected by.
export type { EgressRules } from '@postrider/egress';
export type { Logger } from '@postrider/runtime';

export const EGRESS_RULES = Symbol('egress rules');
export const LOGGER = Symbol('logger');
/** Days for which events, deliveries and attempts are kept. */
export const RETENTION_DAYS = Symbol('retention days');
/** Connections whose statements may take their time. */
export const RETENTION_POOL = Symbol('retention pool');
