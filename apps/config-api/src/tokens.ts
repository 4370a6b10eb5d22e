// What the application is made with, where the thing itself has no class to be injected by.
export type { EgressRules } from '@postrider/egress';
export type { Logger } from '@postrider/runtime';

export const EGRESS_RULES = Symbol('egress rules');
/** The address under which browsers reach the dashboard, or null: as they asked. */
export const PUBLIC_URL = Symbol('public URL');
/** Origins whose pages may show the dashboard in a frame. */
export const PORTAL_PARENTS = Symbol('portal parents');
/** What the dashboard's build has made, or null. */
export const DASHBOARD_FILES = Symbol('dashboard files');
export const LOGGER = Symbol('logger');
/** Days for which events, deliveries and attempts are kept. */
export const RETENTION_DAYS = Symbol('retention days');
/** Connections whose statements may take their time. */
export const RETENTION_POOL = Symbol('retention pool');
/** Signs the links in mails, or null: no mail. */
export const MAIL_LINK_KEY = Symbol('mail link key');
