import type { ConfigurationEntry } from '@postrider/contracts';

/** Tells the other services what was committed; never fails, since PostgreSQL has it and the reconciler looks there. */
export abstract class ConfigurationChanges {
  abstract publish(entry: ConfigurationEntry): Promise<void>;
  /** Publishes a webhook as it stands in PostgreSQL now. */
  abstract publishWebhook(organizationId: string, webhookId: string): Promise<void>;
}
