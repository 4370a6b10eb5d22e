// Secrets at rest. Each is encrypted with a data key of its own, and that key with a master key (AES-256-GCM both), so
// that a master key can be replaced without touching what it protects. Binary, all lengths in bytes:
//
//   0    1    2        2+n        14+n           46+n       62+n      74+n          end-16    end
//   ┌────┬────┬────────┬──────────┬──────────────┬──────────┬─────────┬─────────────┬─────────┐
//   │ 01 │ n  │ key id │ nonce 12 │ data key 32, │  tag 16  │ nonce 12│ secret,     │ tag 16  │
//   │    │    │ ASCII  │          │ encrypted    │          │         │ encrypted   │         │
//   └────┴────┴────────┴──────────┴──────────────┴──────────┴─────────┴─────────────┴─────────┘
//    format    master key          wrapped data key                    sealed secret
//
// Both layers authenticate whose secret it is (AAD below), the first one the format and the key id too: a byte changed
// anywhere, or a row moved to another webhook, field or version, does not open. Nonces are random: NIST SP 800-38D
// allows 2^32 uses of one key that way; a data key is used once, a master key once per secret.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { masterKeyBytes, type MasterKey, type MasterKeys } from './master-keys.js';

/** What is sealed, and whose it is. */
export interface SecretPlace {
  readonly organizationId: string;
  readonly webhookId: string;
  readonly field: 'signing-secret' | 'authorization';
  readonly version: number;
}

/** A sealed secret does not open; the message names the master key and is safe to show to an operator. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

const format = 1;
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const wrappedBytes = nonceBytes + masterKeyBytes + tagBytes;

/** Encrypts for storage, under the newest master key. */
export function seal(keys: MasterKeys, place: SecretPlace, secret: string): Buffer {
  const dataKey = randomBytes(masterKeyBytes);
  const sealed = encrypt(dataKey, aad('secret', place), Buffer.from(secret, 'utf8'));
  const envelope = Buffer.concat([wrap(keys.newest, place, dataKey), sealed]);
  dataKey.fill(0);
  return envelope;
}

/** Throws EnvelopeError where the master key is unknown or another one, or anything was changed. */
export function open(keys: MasterKeys, place: SecretPlace, envelope: Buffer): string {
  const { id, sealed } = split(envelope);
  const dataKey = unwrap(keys, place, envelope);
  try {
    return decrypt(dataKey, aad('secret', place), sealed).toString('utf8');
  } catch {
    throw new EnvelopeError(`what the master key ${id} protects was changed since it was sealed`);
  } finally {
    dataKey.fill(0);
  }
}

/** The same secret under the newest master key; what is encrypted with the data key stays as it is. */
export function rewrap(keys: MasterKeys, place: SecretPlace, envelope: Buffer): Buffer {
  const dataKey = unwrap(keys, place, envelope);
  try {
    return Buffer.concat([wrap(keys.newest, place, dataKey), split(envelope).sealed]);
  } finally {
    dataKey.fill(0);
  }
}

function wrap(master: MasterKey, place: SecretPlace, dataKey: Buffer): Buffer {
  const id = Buffer.from(master.id, 'ascii');
  const header = Buffer.concat([Buffer.of(format, id.length), id]);
  return Buffer.concat([header, encrypt(master.key, aad('data-key', place, header), dataKey)]);
}

function unwrap(keys: MasterKeys, place: SecretPlace, envelope: Buffer): Buffer {
  const { id, header, wrapped } = split(envelope);
  const master = keys.get(id);
  if (master === undefined) {
    throw new EnvelopeError(
      `sealed with the master key ${id}, which MASTER_KEYS does not have (it has ${keys.ids.join(', ')})`,
    );
  }
  try {
    return decrypt(master.key, aad('data-key', place, header), wrapped);
  } catch {
    throw new EnvelopeError(
      `the master key ${id} does not open it: MASTER_KEYS has another key under this id, or the row was changed`,
    );
  }
}

function split(envelope: Buffer): { id: string; header: Buffer; wrapped: Buffer; sealed: Buffer } {
  if (envelope[0] !== format) {
    throw new EnvelopeError(`a sealed secret of unknown format ${envelope[0] ?? '(empty)'}`);
  }
  const headerEnd = 2 + (envelope[1] ?? 0);
  const wrappedEnd = headerEnd + wrappedBytes;
  if (envelope.length < wrappedEnd + nonceBytes + tagBytes) {
    throw new EnvelopeError('a sealed secret that ends too early');
  }
  const id = envelope.toString('latin1', 2, headerEnd);
  // A changed byte must not write itself into the log.
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw new EnvelopeError('a sealed secret that names no master key');
  return {
    id,
    header: envelope.subarray(0, headerEnd),
    wrapped: envelope.subarray(headerEnd, wrappedEnd),
    sealed: envelope.subarray(wrappedEnd),
  };
}

/** None of the parts can hold a NUL, so that no two places read the same. */
function aad(layer: 'secret' | 'data-key', place: SecretPlace, header: Buffer = Buffer.alloc(0)): Buffer {
  const { organizationId, webhookId, field, version } = place;
  const parts = [layer, organizationId, webhookId, field, String(version)];
  return Buffer.concat([Buffer.from(`${parts.join('\0')}\0`, 'utf8'), header]);
}

function encrypt(key: Buffer, associated: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(associated);
  return Buffer.concat([nonce, encryption.update(plain), encryption.final(), encryption.getAuthTag()]);
}

function decrypt(key: Buffer, associated: Buffer, bytes: Buffer): Buffer {
  const nonce = bytes.subarray(0, nonceBytes);
  const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    .setAAD(associated)
    .setAuthTag(bytes.subarray(bytes.length - tagBytes));
  const plain = decryption.update(bytes.subarray(nonceBytes, bytes.length - tagBytes));
  return Buffer.concat([plain, decryption.final()]);
}
