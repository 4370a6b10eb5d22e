// The sign request: up to 64 deliveries in one question, the text of each event once; the answer has the finished
// header values. Plaintext secrets never leave the signer this way.
import { z } from 'zod';
import { decodeFrame, encodeFrame, splitChunks } from './frame.js';

export const maxSignaturesPerRequest = 64;
export const maxSignRequestBytes = 524_288;

const SignHead = z.object({
  /** Lengths in bytes of the chunks: the part of a body that deliveries of one event share. */
  Chunks: z.array(z.int().min(0)),
  Items: z.array(
    z.object({
      OrganizationId: z.string(),
      WebhookId: z.string(),
      /** The newest secret that the asker knows of. */
      SecretVersion: z.int(),
      /** `webhook-id` and `webhook-timestamp` (unix seconds). */
      MessageId: z.string(),
      Timestamp: z.int(),
      /** Index into Chunks; the body is that chunk followed by `Suffix`. */
      Chunk: z.int().min(0),
      Suffix: z.string(),
    }),
  ),
});

export interface SignItem {
  readonly organizationId: string;
  readonly webhookId: string;
  readonly secretVersion: number;
  readonly messageId: string;
  readonly timestamp: number;
  /** The body is `prefix` followed by `suffix`. */
  readonly prefix: Buffer;
  readonly suffix: string;
}

/** Items with the same `prefix` object share its bytes. */
export function encodeSignRequest(items: readonly SignItem[]): Buffer {
  const indexes = new Map<Buffer, number>();
  const chunks: Buffer[] = [];
  const Items = items.map((item) => {
    let index = indexes.get(item.prefix);
    if (index === undefined) {
      index = chunks.push(item.prefix) - 1;
      indexes.set(item.prefix, index);
    }
    return {
      OrganizationId: item.organizationId,
      WebhookId: item.webhookId,
      SecretVersion: item.secretVersion,
      MessageId: item.messageId,
      Timestamp: item.timestamp,
      Chunk: index,
      Suffix: item.suffix,
    };
  });
  return encodeFrame({ Chunks: chunks.map((chunk) => chunk.length), Items }, chunks);
}

export function decodeSignRequest(bytes: Uint8Array): SignItem[] {
  const { head, rest } = decodeFrame(bytes);
  const { Chunks, Items } = SignHead.parse(head);
  const chunks = splitChunks(rest, Chunks);
  return Items.map((item) => {
    const prefix = chunks[item.Chunk];
    if (prefix === undefined) throw new RangeError('an item names no chunk of its request');
    return {
      organizationId: item.OrganizationId,
      webhookId: item.WebhookId,
      secretVersion: item.SecretVersion,
      messageId: item.MessageId,
      timestamp: item.Timestamp,
      prefix,
      suffix: item.Suffix,
    };
  });
}

/** Per item, in order: the header values, or why there are none (`no_secret`: the webhook is gone; `unavailable`: try again). */
export const SignReply = z.object({
  Items: z.array(
    z.union([
      z.object({
        /** `sha256=` + 64 hex digits. */
        HubSignature: z.string(),
        /** `v1,` + base64, once per valid secret, separated by a space (Standard Webhooks 1.0.0). */
        StandardSignature: z.string(),
        Authorization: z.string().nullable(),
      }),
      z.object({ Error: z.enum(['no_secret', 'unavailable']) }),
    ]),
  ),
});
export type SignReply = z.infer<typeof SignReply>;
export type SignReplyItem = SignReply['Items'][number];
export const SignHeadSchema = SignHead;
