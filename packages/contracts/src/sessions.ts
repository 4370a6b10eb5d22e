// Signing in to the dashboard: sessions, and the links that open one.
import { z } from 'zod';
import { Delivery } from './deliveries.js';
import { Scope, scopes } from './organizations.js';
import { EpochMs, Uuid } from './text.js';

/** Carries the token of a session with every call that changes something. */
export const csrfHeader = 'X-CSRF-Token';

/** One of the two: a key (the admin key or an API key), or what stands behind the # of a portal link. */
export const SignIn = z.strictObject({
  Key: z.string().min(1).max(512).optional(),
  PortalToken: z.string().min(1).max(512).optional(),
});
export type SignIn = z.infer<typeof SignIn>;

/** Who calls, and what they may do. `CsrfToken` and `ExpiresAt` are null for a call with a key. */
export const Session = z.strictObject({
  Kind: z.enum(['admin', 'organization']),
  OrganizationId: Uuid.nullable(),
  OrganizationName: z.string().nullable(),
  Scopes: z.array(Scope),
  CsrfToken: z.string().nullable(),
  ExpiresAt: EpochMs.nullable(),
});
export type Session = z.infer<typeof Session>;

export const PortalLinkCreate = z.strictObject({
  Scopes: z
    .array(Scope)
    .min(1, { error: 'name at least one scope' })
    .max(scopes.length)
    .refine((list) => new Set(list).size === list.length, { error: 'names a scope twice' }),
  ExpiresInSeconds: z.int({ error: 'must be an integer, 60..604800' }).min(60).max(604_800).default(3_600),
});
export type PortalLinkCreate = z.infer<typeof PortalLinkCreate>;

/** `Url` opens one session, once, until `ExpiresAt`. */
export const PortalLink = z.strictObject({ Url: z.string(), Scopes: z.array(Scope), ExpiresAt: EpochMs });
export type PortalLink = z.infer<typeof PortalLink>;

/** `data` of an event of the live stream. `More`: so many others have changed too, which a list shows. */
export const LiveDeliveries = z.strictObject({ Data: z.array(Delivery), More: z.int().min(0) });
export type LiveDeliveries = z.infer<typeof LiveDeliveries>;
