import type { WebhookType } from '@postrider/contracts';

export interface TypeText {
  readonly label: string;
  readonly about: string;
  /** Of the field that says where it goes. */
  readonly target: string;
  readonly placeholder: string;
  readonly hint: string;
}

export const typeTexts: Readonly<Record<WebhookType, TypeText>> = {
  webhook: {
    label: 'Webhook',
    about: 'A signed POST to your server, with the event as JSON.',
    target: 'Endpoint URL',
    placeholder: 'https://example.com/webhooks',
    hint: 'Any 2xx within the timeout means received; everything else is tried again.',
  },
  slack: {
    label: 'Slack',
    about: 'A message to a Slack channel.',
    target: 'Incoming webhook URL',
    placeholder: 'https://hooks.slack.com/services/…',
    hint: 'In Slack: your app → Incoming Webhooks → Add New Webhook to Workspace, then copy its URL.',
  },
  teams: {
    label: 'Microsoft Teams',
    about: 'A card in a Teams channel.',
    target: 'Workflow URL',
    placeholder: 'https://….api.powerplatform.com/…',
    hint: 'In Teams: the channel → Workflows → “Send webhook alerts to a channel”, then copy its URL.',
  },
  email: {
    label: 'Email',
    about: 'A mail to one address, once its reader has agreed.',
    target: 'Email address',
    placeholder: 'Ops <ops@example.com>',
    hint: 'The reader gets a mail with a link: only once it is followed, events come.',
  },
};
