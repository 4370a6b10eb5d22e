// The configuration on its way: config-api puts entries into the KV bucket; the others hear each put at once as an
// ordinary message on the bucket's subject. PostgreSQL stays the truth: what is missed is read there (docs/adr/0003).
import {
  configurationBucket,
  configurationKey,
  parseConfigurationEntry,
  type ConfigurationEntry,
} from '@postrider/contracts';
import type { KV } from '@nats-io/kv';
import type { Messaging } from './connection.js';
import { MessagingAwayError } from './errors.js';
import { openConfigurationBucket } from './streams.js';

const subjectPrefix = `$KV.${configurationBucket}.`;
const silenceMs = 5_000;

/** Calls back for every entry that is put from now on; what does not parse is told to `onInvalid` and skipped. */
export function followConfiguration(
  messaging: Messaging,
  onEntry: (entry: ConfigurationEntry) => void,
  onInvalid: (key: string) => void,
): void {
  messaging.subscribe(`${subjectPrefix}>`, (message) => {
    const key = message.subject.slice(subjectPrefix.length);
    if (message.data.length === 0) return;
    const entry = parseConfigurationEntry(key, parseJson(message.data));
    if (entry === null) onInvalid(key);
    else onEntry(entry);
  });
}

function versionOf(bytes: Uint8Array): number {
  const value = parseJson(bytes) as { Version?: unknown } | null | undefined;
  return typeof value?.Version === 'number' ? value.Version : -1;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Writes the bucket; for config-api alone. */
export class ConfigurationBucket {
  private bucket: KV | null = null;

  constructor(private readonly messaging: Messaging) {
    messaging.onConnected(() => {
      this.bucket = null;
    });
  }

  /** Puts an entry and waits until NATS has it; makes the bucket first where NATS has lost it. */
  async put(entry: ConfigurationEntry): Promise<void> {
    const text = JSON.stringify(entry.value);
    try {
      await (await this.open()).put(configurationKey(entry), text);
    } catch {
      // Perhaps the bucket is gone with the store: make it anew, once.
      this.bucket = null;
      await (await this.open()).put(configurationKey(entry), text);
    }
  }

  /**
   * The versions that the bucket holds, by key; -1 where a value can't be read. Throws while NATS is away, and where it
   * falls silent before the end.
   */
  async versions(): Promise<Map<string, number>> {
    const versions = new Map<string, number>();
    const bucket = await this.open();
    // Deletions are asked for too: the last entry of all may be one, and only the last says that it is.
    const watch = await bucket.watch({ key: '>' });
    const size = await this.size();
    if (size === 0) {
      watch.stop();
      return versions;
    }
    const seen = new Set<string>();
    let isWhole = false;
    // A server that has lost the store says nothing more, and one may miscount what is left when entries are replaced
    // meanwhile: without a limit whoever compares would wait for ever, and never compare again.
    const silence = setTimeout(() => watch.stop(), silenceMs);
    try {
      for await (const entry of watch) {
        silence.refresh();
        seen.add(entry.key);
        if (entry.operation === 'PUT') versions.set(entry.key, versionOf(entry.value));
        else versions.delete(entry.key);
        isWhole = entry.delta === 0 || seen.size >= size;
        if (isWhole) break;
      }
    } finally {
      clearTimeout(silence);
    }
    if (!isWhole) throw new MessagingAwayError('NATS fell silent: the bucket was not read to its end');
    return versions;
  }

  /** How many keys the bucket knows, purged ones included; fewer than were put means that NATS has lost some. */
  async size(): Promise<number> {
    return (await (await this.open()).status()).values;
  }

  /** Forgets an entry for good, long after its tombstone. */
  async purge(key: string): Promise<void> {
    await (await this.open()).purge(key);
  }

  private async open(): Promise<KV> {
    // What is sent while NATS is away would only wait until it times out.
    if (!this.messaging.isConnected) throw new MessagingAwayError('NATS is away: the bucket was not reached');
    this.bucket ??= await openConfigurationBucket(this.messaging);
    return this.bucket;
  }
}
