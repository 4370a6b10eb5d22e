// The signer's settings.
import { loadConfig, settings } from '@postrider/runtime';
import { z } from 'zod';
import { MasterKeys } from './shared/master-keys.js';

const masterKeys = z
  .string({ error: 'is missing: id:base64 of 32 random bytes, newest first, separated by commas' })
  .transform((text, context) => {
    try {
      return MasterKeys.parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const schema = z.object({
  HOST: settings.host,
  SIGNER_PORT: settings.port(3003),
  LOG_LEVEL: settings.logLevel,
  DATABASE_URL: settings.databaseUrl,
  NATS_URL: settings.natsUrl,
  MASTER_KEYS: masterKeys,
});
export type SignerConfig = z.infer<typeof schema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): SignerConfig {
  return loadConfig(schema, env);
}

/** Of the program that rewraps: the same variables as the signer's. */
export function readRewrapConfig(
  env: NodeJS.ProcessEnv = process.env,
): Pick<SignerConfig, 'DATABASE_URL' | 'MASTER_KEYS'> {
  return loadConfig(schema.pick({ DATABASE_URL: true, MASTER_KEYS: true }), env);
}
