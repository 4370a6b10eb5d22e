// A message for a Power Automate workflow that posts to Microsoft Teams: an Adaptive Card 1.4 in the envelope that
// "When a Teams webhook request is received" expects.
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
import { clip } from './clip.policy.js';
import { sourceOf, type ChatRenderer, type MessageContext } from './message.policy.js';
import type { Tone } from './story.policy.js';

/** Teams refuses cards of more than 28 KB, with what the workflow adds to them. */
export const maxTeamsBytes = 20_480;

const colours: Readonly<Record<Tone, string>> = { good: 'Good', bad: 'Attention', neutral: 'Default' };

export const renderTeams: ChatRenderer = (context) => {
  for (let maxText = 1_500; ; maxText = Math.floor(maxText / 2)) {
    const body = render(context, maxText);
    if (Buffer.byteLength(body) <= maxTeamsBytes || maxText === 0) return body;
  }
};

function render(context: MessageContext, maxText: number): string {
  const { title, tone, facts, text, link } = context.story;
  const source = sourceOf(context);
  const body: object[] = [
    {
      type: 'TextBlock',
      text: plain(title),
      size: 'Large',
      weight: 'Bolder',
      color: colours[tone],
      wrap: true,
    },
  ];
  if (facts.length > 0) {
    body.push({
      type: 'FactSet',
      facts: facts.map(({ label, value }) => ({ title: plain(label), value: plain(value) })),
    });
  }
  if (text !== null && maxText > 0) {
    // Text runs are shown as they are, without Markdown.
    const inline = { type: 'TextRun', text: clip(text, maxText + 1), fontType: 'Monospace' };
    body.push({ type: 'RichTextBlock', inlines: [inline] });
  }
  body.push({
    type: 'TextBlock',
    text: plain(source),
    isSubtle: true,
    size: 'Small',
    wrap: true,
  });
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body,
          ...(link === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }] }),
        },
      },
    ],
  });
}

/** Markdown's own characters are shown, not obeyed: nobody gets a link or an image into a card by a job's name. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]]/g, '\\$&').replaceAll('{{', '{ {');
}
