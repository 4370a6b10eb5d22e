import { Button, Group, Stack } from '@mantine/core';
import type { Webhook } from '@postrider/contracts';
import { useState, type ReactNode } from 'react';
import { useMay } from '../api/session.js';
import { Facts } from '../parts/DataTable.js';
import { Copy } from '../parts/Feedback.js';
import { duration, Time } from '../parts/Time.js';
import { ruleText } from './filter-words.js';
import { typeTexts } from './webhook-types.js';
import { WebhookForm } from './WebhookForm.js';

export function WebhookSettings({ org, webhook }: { readonly org: string; readonly webhook: Webhook }) {
  const mayWrite = useMay('webhooks:write');
  const [editing, setEditing] = useState(false);
  return (
    <Stack>
      <Facts rows={factsOf(webhook)} />
      {mayWrite ? (
        <Button variant="default" style={{ alignSelf: 'flex-start' }} onClick={() => setEditing(true)}>
          Edit
        </Button>
      ) : null}
      {editing ? (
        <WebhookForm
          org={org}
          webhook={webhook}
          onClose={() => setEditing(false)}
          onDone={() => setEditing(false)}
        />
      ) : null}
    </Stack>
  );
}

function factsOf(webhook: Webhook): (readonly [string, ReactNode])[] {
  const { RetrySchedule: schedule } = webhook;
  const target = webhook.Url ?? webhook.Email;
  return [
    [
      'Id',
      <Group key="id" gap={4} wrap="nowrap">
        <span className="mono breakable">{webhook.Id}</span>
        <Copy value={webhook.Id} what="the webhook id" />
      </Group>,
    ],
    ['Type', typeTexts[webhook.Type].label],
    [
      typeTexts[webhook.Type].target,
      <bdi key="target" className="mono">
        {target}
      </bdi>,
    ],
    ...(webhook.Type === 'email'
      ? ([
          [
            'Reader agreed',
            webhook.EmailConfirmedAt === null ? (
              'not yet'
            ) : (
              <Time key="agreed" at={webhook.EmailConfirmedAt} />
            ),
          ],
        ] as const)
      : []),
    [
      'Topics',
      <Group key="topics" gap={4}>
        {webhook.Topics.map((topic) => (
          <span key={topic} className="tag">
            {topic === '*' ? 'all topics' : topic}
          </span>
        ))}
      </Group>,
    ],
    ['Filter', filterText(webhook)],
    ...(webhook.Type === 'webhook'
      ? ([['Authorization header', webhook.HasAuthorization ? 'set' : 'none']] as const)
      : []),
    ['Timeout', `${webhook.TimeoutSeconds} s`],
    [
      'Retries',
      schedule === null
        ? '10 attempts in about 75 hours'
        : schedule.length === 0
          ? 'none: one attempt'
          : `after ${schedule.map((seconds) => duration(seconds * 1_000)).join(', ')}`,
    ],
    ['Requests per second', webhook.RateLimitPerSecond ?? 'as fast as the receiver answers'],
    ...(webhook.Type === 'webhook'
      ? ([
          ['Signing secret made', <Time key="secret" at={webhook.SecretCreatedAt} />],
          ...(webhook.PreviousSecretExpiresAt === null
            ? []
            : [
                [
                  'Previous secret ends',
                  <Time key="previous" at={webhook.PreviousSecretExpiresAt} />,
                ] as const,
              ]),
        ] as const)
      : []),
    ['Last received', <Time key="succeeded" at={webhook.LastSucceededAt} />],
    ['Last failed', <Time key="failed" at={webhook.LastFailedAt} />],
    ['Made', <Time key="made" at={webhook.CreatedAt} />],
    ['Changed', <Time key="changed" at={webhook.UpdatedAt} />],
  ];
}

function filterText({ Filter: filter }: Webhook): ReactNode {
  if (filter === null || filter.length === 0) return 'none: every event of its topics';
  return (
    <Stack gap={2}>
      {filter.map((rule, index) => (
        <bdi key={index} className="mono">
          {ruleText(rule)}
        </bdi>
      ))}
    </Stack>
  );
}
