import { Button, Group, Stack, Text } from '@mantine/core';
import type { WebhookWithSecret } from '@postrider/contracts';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Empty, Loading, Problem, tellDone } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { Page } from '../parts/Page.js';
import { SecretDialog } from './SecretDialog.js';
import { webhookName } from './webhook-name.js';
import { WebhookForm } from './WebhookForm.js';
import { WebhookTable } from './WebhookTable.js';

export function WebhooksPage({ org }: { readonly org: string }) {
  const { data, error, refetch } = useWebhooks(org);
  const mayWrite = useMay('webhooks:write');
  const [, navigate] = useLocation();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const add = mayWrite ? (
    <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
      Add webhook
    </Button>
  ) : null;
  const open = (webhook: WebhookWithSecret): void => navigate(`/o/${org}/webhooks/${webhook.Id}`);
  return (
    <Page
      title="Webhooks"
      about="Where events of this organization go, and how that is going."
      actions={data !== undefined && data.length > 0 ? add : null}
    >
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? <Start add={add} /> : null}
      {data !== undefined && data.length > 0 ? <WebhookTable org={org} webhooks={data} /> : null}
      {adding ? (
        <WebhookForm
          org={org}
          webhook={null}
          onClose={() => setAdding(false)}
          onDone={(webhook) => {
            setAdding(false);
            if (!('SigningSecret' in webhook)) return;
            if (webhook.SigningSecret !== null) {
              setMade(webhook);
              return;
            }
            // Nothing to save: on to what can be tried.
            tellDone(
              webhook.Type === 'email'
                ? `A mail with a link is on its way to ${webhook.Email ?? 'the address'}`
                : `${webhookName(webhook)} is set up: try it with “Send example”`,
            );
            open(webhook);
          }}
        />
      ) : null}
      {made?.SigningSecret == null ? null : (
        <SecretDialog
          title={`${webhookName(made)} is set up`}
          secret={made.SigningSecret}
          onClose={() => setMade(null)}
        />
      )}
    </Page>
  );
}

const steps: readonly (readonly [string, string])[] = [
  [
    'Add a webhook',
    'An address of yours, a Slack or Teams channel, or a mailbox, and what it wants to hear of.',
  ],
  [
    'Save its signing secret',
    'Your receiver tells our requests from forged ones with it; the code is there to copy.',
  ],
  ['Ping it', 'See at once what it answers. From then on every attempt is on record here.'],
];

function Start({ add }: { readonly add: ReactNode }) {
  return (
    <Empty title="Hear of what happens, as it happens">
      <Text c="dimmed">
        Each time something happens that a webhook wants to hear of, it gets a signed request, again and again
        until it is received.
      </Text>
      <Stack component="ol" gap="sm" my="sm" p={0} ta="left" style={{ listStyle: 'none' }}>
        {steps.map(([title, text], index) => (
          <Group component="li" key={title} gap="sm" wrap="nowrap" align="flex-start">
            <span className="step" aria-hidden="true">
              {index + 1}
            </span>
            <div>
              <Text fw={600}>{title}</Text>
              <Text size="sm" c="dimmed">
                {text}
              </Text>
            </div>
          </Group>
        ))}
      </Stack>
      {add ?? <Text c="dimmed">Your key may look but not add one: ask for the scope webhooks:write.</Text>}
    </Empty>
  );
}
