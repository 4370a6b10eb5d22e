// Local stand-ins that enforce what Slack and Teams enforce, as their documentation has it.
import { startReceiver, type Receiver } from './receiver.js';

interface SlackText {
  readonly type: string;
  readonly text: string;
}

interface SlackBlock {
  readonly type: string;
  readonly text?: SlackText;
  readonly fields?: readonly SlackText[];
  readonly elements?: readonly (SlackText & { readonly url?: string })[];
}

/** Why Slack would not take a body (or would show it broken); null where it would. */
export function slackRefuses(body: string): string | null {
  if (body.length >= 8_000) return `${body.length} characters`;
  const { text, blocks } = JSON.parse(body) as { text: unknown; blocks: readonly SlackBlock[] };
  if (typeof text !== 'string' || text === '') return 'no fallback text';
  if (blocks.length > 50) return 'too many blocks';
  for (const block of blocks) {
    if (block.type === 'header' && (block.text?.text.length ?? 0) > 150) return 'header too long';
    if ((block.text?.text.length ?? 1) > 3_000) return 'text too long';
    if ((block.fields?.length ?? 1) > 10) return 'too many fields';
    for (const part of [block.text, ...(block.fields ?? []), ...(block.elements ?? [])]) {
      if (part === undefined || part.type === 'button') continue;
      if (part.text === '' || part.text.length > 3_000) return 'a part is empty or too long';
      if (/[<>]|&(?!(amp|lt|gt);)/.test(part.text)) return `not escaped: ${part.text}`;
    }
    if ((block.fields ?? []).some((field) => field.text.length > 2_000)) return 'a field is too long';
    if ((block.elements ?? []).some(({ url }) => url !== undefined && url.length > 3_000)) return 'long url';
  }
  return /[<>]|&(?!(amp|lt|gt);)/.test(text) ? 'fallback not escaped' : null;
}

/** Why Teams would not take a body; null where it would. */
export function teamsRefuses(body: string): string | null {
  if (Buffer.byteLength(body) > 20_480) return `${Buffer.byteLength(body)} bytes`;
  const message = JSON.parse(body) as {
    type: string;
    attachments: readonly { contentType: string; content: Record<string, unknown> }[];
  };
  const [card, ...more] = message.attachments;
  if (message.type !== 'message' || card === undefined || more.length > 0) return 'no envelope';
  if (card.contentType !== 'application/vnd.microsoft.card.adaptive') return 'no card';
  const { type, version, body: parts } = card.content;
  if (type !== 'AdaptiveCard' || version !== '1.4' || !Array.isArray(parts)) return 'no Adaptive Card 1.4';
  return parts.length === 0 ? 'empty' : null;
}

/** A receiver that answers as Slack does: `ok`, or 400 with a reason. */
export async function startSlack(): Promise<Receiver> {
  const receiver = await startReceiver();
  receiver.respond(({ text }) => {
    const reason = slackRefuses(text);
    return reason === null ? { status: 200, body: 'ok' } : { status: 400, body: reason };
  });
  return receiver;
}

/** A receiver that answers as a Power Automate workflow does: 202 with nothing, or 400 with a reason. */
export async function startTeams(): Promise<Receiver> {
  const receiver = await startReceiver();
  receiver.respond(({ text }) => {
    const reason = teamsRefuses(text);
    return reason === null ? { status: 202 } : { status: 400, body: reason };
  });
  return receiver;
}
