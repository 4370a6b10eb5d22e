// Organizations and their API keys.
import { z } from 'zod';
import { EpochMs, Name, Uuid } from './text.js';

export const OrganizationCreate = z.strictObject({ Name, Id: Uuid.optional() });
export type OrganizationCreate = z.infer<typeof OrganizationCreate>;

export const OrganizationPatch = z.strictObject({ Name: Name.optional() });
export type OrganizationPatch = z.infer<typeof OrganizationPatch>;

export const Organization = z.strictObject({ Id: Uuid, Name, CreatedAt: EpochMs, UpdatedAt: EpochMs });
export type Organization = z.infer<typeof Organization>;

export const scopes = [
  'webhooks:read',
  'webhooks:write',
  'secrets:rotate',
  'deliveries:read',
  'deliveries:resend',
  'events:publish',
  'keys:manage',
] as const;
export const Scope = z.enum(scopes, { error: `must be one of ${scopes.join(', ')}` });
export type Scope = z.infer<typeof Scope>;

/** A scope that carries another along. */
const includedScopes: Partial<Record<Scope, readonly Scope[]>> = {
  'webhooks:write': ['webhooks:read'],
  'deliveries:resend': ['deliveries:read'],
};

/** Whether a holder of `held` may do what needs `wanted`. */
export function hasScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => scope === wanted || (includedScopes[scope]?.includes(wanted) ?? false));
}

export const ApiKeyCreate = z.strictObject({
  Name,
  Scopes: z
    .array(Scope)
    .min(1, { error: 'name at least one scope' })
    .max(scopes.length)
    .refine((list) => new Set(list).size === list.length, { error: 'names a scope twice' }),
  ExpiresAt: EpochMs.nullable().default(null),
});
export type ApiKeyCreate = z.infer<typeof ApiKeyCreate>;

export const ApiKey = z.strictObject({
  Id: Uuid,
  Name,
  Scopes: z.array(Scope),
  Prefix: z.string(),
  CreatedAt: EpochMs,
  ExpiresAt: EpochMs.nullable(),
  LastUsedAt: EpochMs.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The answer to a creation: the only time that `Key` is told. */
export const ApiKeyCreated = ApiKey.extend({ Key: z.string() });
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>;
