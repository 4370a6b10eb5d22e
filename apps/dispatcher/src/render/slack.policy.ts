// A message for a Slack incoming webhook: Block Kit, with a plain text for notifications.
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, reference/block-kit
import { clip } from './clip.policy.js';
import { sourceOf, type ChatRenderer, type MessageContext } from './message.policy.js';
import type { Fact, Tone } from './story.policy.js';

/** Of the whole body. Slack itself takes more in some places, and cuts in others. */
export const maxSlackCharacters = 7_900;

const signs: Readonly<Record<Tone, string>> = { good: '✅', bad: '🔴', neutral: '🔔' };

/** What is given up first when the message is too long. */
interface Limits {
  readonly facts: number;
  readonly text: number;
}

export const renderSlack: ChatRenderer = (context) => {
  let limits: Limits = { facts: 10, text: 1_500 };
  for (;;) {
    const body = render(context, limits);
    if (body.length <= maxSlackCharacters || (limits.facts === 0 && limits.text === 0)) return body;
    limits =
      limits.text > 200
        ? { ...limits, text: Math.floor(limits.text / 2) }
        : { facts: Math.max(0, limits.facts - 2), text: limits.facts <= 2 ? 0 : limits.text };
  }
};

function render(context: MessageContext, limits: Limits): string {
  const { title, tone, facts, text, link } = context.story;
  const heading = `${signs[tone]} ${clip(title, 120)}`;
  const shown = facts.slice(0, limits.facts);
  const told = text === null ? '' : clip(text, limits.text + 1);
  const blocks: object[] = [
    // 150 characters at most; titles are shorter, also when they are escaped.
    { type: 'header', text: { type: 'plain_text', text: escaped(heading, 150), emoji: true } },
  ];
  // Ten fields at most, 2,000 characters each.
  if (shown.length > 0) blocks.push({ type: 'section', fields: shown.map(field) });
  if (limits.text > 0 && told !== '') blocks.push({ type: 'section', text: markdown(quoted(told)) });
  if (link !== null) {
    blocks.push({
      type: 'actions',
      elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url: link }],
    });
  }
  const source = sourceOf(context);
  blocks.push({ type: 'context', elements: [markdown(escaped(source, 500))] });
  const fallback = [heading, ...shown.slice(0, 4).map(({ label, value }) => `${label}: ${value}`)];
  return JSON.stringify({ text: escaped(fallback.join(', '), 600), blocks });
}

function field({ label, value }: Fact): object {
  return markdown(`*${escaped(label, 100)}*\n${escaped(value, 400)}`);
}

/** `verbatim`: names of channels and people in it are left alone. */
function markdown(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true };
}

function quoted(text: string): string {
  return `\`\`\`${escaped(text.replaceAll('```', "'''"), 2_900)}\`\`\``;
}

/** Escaped as Slack wants it, and cut so that no entity is cut in two. */
function escaped(text: string, max: number): string {
  let result = '';
  for (const character of text) {
    const next = entities[character] ?? character;
    if (result.length + next.length > max - 1) return `${result}…`;
    result += next;
  }
  return result;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
