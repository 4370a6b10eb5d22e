// The signer's settings.
import { loadConfig, settings } from '@postrider/runtime';
import { z } from 'zod';
import { MasterKeys } from './shared/master-keys.js';

const schema = z.object({
  HOST: settings.host,
  SIGNER_PORT: settings.port(3003),
  LOG_LEVEL: settings.logLevel,
  DATABASE_URL: settings.databaseUrl,
  NATS_URL: settings.natsUrl,
  MASTER_KEYS: z
    .string({ error: 'is missing: id:base64 of 32 random bytes, newest first, separated by commas' })
    .transform((text, context) => {
      try {
        return MasterKeys.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    }),
});
export type SignerConfig = z.infer<typeof schema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): SignerConfig {
  return loadConfig(schema, env);
}
