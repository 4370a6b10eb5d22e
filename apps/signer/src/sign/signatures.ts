// The two signatures of a request, as cheaply as Node can make them. HMAC-SHA256 is put together from two one-shot hashes
// over prepared key blocks (RFC 2104): for a body of 1 KB both signatures take 3.0 µs that way, 4.4 µs with createHmac
// and a KeyObject, 4.7 µs with createHmac and bytes (Node 20), and a webhook's keys are 256 bytes without native handles.
import { createHash, hash } from 'node:crypto';

const blockBytes = 64;
const digestBytes = 32;
/** Bodies up to this many bytes are put together in one buffer; longer ones are hashed piece by piece. */
const scratchBytes = 65_536;
const maxHeadBytes = 512;
const bodyAt = blockBytes + maxHeadBytes;

/** Key blocks of a signing secret: inner and outer of X-Hub-Signature, then inner and outer of webhook-signature. */
export type SigningKeys = Buffer;
const hubBlocks = 0;
const standardBlocks = 2;

/** X-Hub is keyed with the UTF-8 bytes of the whole secret; Standard Webhooks with what its base64 part decodes to. */
export function signingKeys(secret: string): SigningKeys {
  const text = Buffer.from(secret, 'utf8');
  const decoded = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return Buffer.concat([keyBlocks(text), keyBlocks(decoded)]);
}

function keyBlocks(key: Buffer): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.set(key.length > blockBytes ? createHash('sha256').update(key).digest() : key);
  return Buffer.concat([block.map((byte) => byte ^ 0x36), block.map((byte) => byte ^ 0x5c)]);
}

export interface SignedRequest {
  /** The body is `prefix` followed by `suffix`. */
  readonly prefix: Buffer;
  readonly suffix: string;
  /** `webhook-id`. */
  readonly messageId: string;
  /** `webhook-timestamp`, unix seconds. */
  readonly timestamp: number;
}

export interface Signatures {
  readonly HubSignature: string;
  readonly StandardSignature: string;
}

// One buffer for all: nothing here waits. The body stands at `bodyAt`, so that what is hashed before it (the key block,
// and `id.timestamp.`) is written in front of it without moving it; requests of one event share the prefix in it.
const scratch = Buffer.allocUnsafeSlow(scratchBytes);
const outer = Buffer.allocUnsafeSlow(blockBytes + digestBytes);
let prefixInScratch: Buffer | null = null;

/** `X-Hub-Signature` by the current secret; `webhook-signature` by the current and, while it is valid, the previous. */
export function signRequest(
  request: SignedRequest,
  current: SigningKeys,
  previous: SigningKeys | null,
): Signatures {
  const head = `${request.messageId}.${request.timestamp}.`;
  const bodyEnd = placeBody(request, head);
  const hmac = (keys: SigningKeys, blocks: number, text: string, encoding: 'hex' | 'base64'): string => {
    const inner =
      bodyEnd === null
        ? hashInPieces(keys, blocks, text, request)
        : hashInScratch(keys, blocks, text, bodyEnd);
    keys.copy(outer, 0, (blocks + 1) * blockBytes, (blocks + 2) * blockBytes);
    outer.write(inner, blockBytes, 'latin1');
    return hash('sha256', outer, encoding);
  };
  const hub = `sha256=${hmac(current, hubBlocks, '', 'hex')}`;
  let standard = `v1,${hmac(current, standardBlocks, head, 'base64')}`;
  if (previous !== null) standard += ` v1,${hmac(previous, standardBlocks, head, 'base64')}`;
  return { HubSignature: hub, StandardSignature: standard };
}

/** Where the body ends in the scratch buffer; null where it is too long for it. */
function placeBody({ prefix, suffix }: SignedRequest, head: string): number | null {
  const suffixAt = bodyAt + prefix.length;
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  if (suffixAt + 3 * suffix.length > scratchBytes || 3 * head.length > maxHeadBytes) return null;
  if (prefixInScratch !== prefix) {
    scratch.set(prefix, bodyAt);
    prefixInScratch = prefix;
  }
  return suffixAt + scratch.write(suffix, suffixAt, 'utf8');
}

// The inner digest as 'binary' (latin1) text, one byte per character: cheaper than a Buffer.
function hashInScratch(keys: SigningKeys, blocks: number, head: string, bodyEnd: number): string {
  const headAt = head === '' ? bodyAt : bodyAt - Buffer.byteLength(head);
  scratch.write(head, headAt, 'utf8');
  keys.copy(scratch, headAt - blockBytes, blocks * blockBytes, (blocks + 1) * blockBytes);
  return hash('sha256', scratch.subarray(headAt - blockBytes, bodyEnd), 'binary');
}

function hashInPieces(keys: SigningKeys, blocks: number, head: string, body: SignedRequest): string {
  return createHash('sha256')
    .update(keys.subarray(blocks * blockBytes, (blocks + 1) * blockBytes))
    .update(head, 'utf8')
    .update(body.prefix)
    .update(body.suffix, 'utf8')
    .digest('binary');
}
