import { Alert, Anchor, Group, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import type { Webhook } from '@postrider/contracts';
import { lazy, Suspense, type ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useWebhook } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { DeliveryLog } from '../deliveries/DeliveryLog.js';
import { Copy, Loading, Problem } from '../parts/Feedback.js';
import { WebhookStateBadge, whyState } from '../parts/State.js';
import { Time } from '../parts/Time.js';
import { WebhookActions } from './WebhookActions.js';
import { hostOf } from './WebhooksPage.js';

const Charts = lazy(() => import('../charts/Charts.js').then((m) => ({ default: m.Charts })));

export function WebhookPage({ org, id }: { readonly org: string; readonly id: string }) {
  const { data: webhook, error, refetch } = useWebhook(org, id);
  const [parameters, setParameters] = useSearchParams();
  const mayRead = useMay('deliveries:read');
  const tab = parameters.get('tab') ?? (mayRead ? 'deliveries' : 'settings');
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (webhook === undefined) return <Loading />;
  const why = whyState(webhook);
  return (
    <Stack>
      <Anchor component={Link} href={`/o/${org}/webhooks`} size="sm">
        ← Webhooks
      </Anchor>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={4} miw={0}>
          <Group gap="sm">
            <Title order={1} size="h2">
              {webhook.Alias ?? hostOf(webhook)}
            </Title>
            <WebhookStateBadge webhook={webhook} />
          </Group>
          <Text className="mono" truncate>
            {webhook.Url ?? webhook.Email}
          </Text>
        </Stack>
        <WebhookActions org={org} webhook={webhook} />
      </Group>
      {why === null ? null : <Alert variant="default">{why}</Alert>}
      <Tabs
        value={tab}
        onChange={(to) => setParameters(to === null ? {} : { tab: to }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          {mayRead ? <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab> : null}
          {mayRead ? <Tabs.Tab value="charts">Charts</Tabs.Tab> : null}
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="deliveries" pt="md">
          <DeliveryLog org={org} webhookId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="charts" pt="md">
          <Suspense fallback={<Loading />}>
            <Charts org={org} webhookId={id} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="md">
          <Settings webhook={webhook} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Settings({ webhook }: { readonly webhook: Webhook }) {
  const { RetrySchedule: schedule, Filter: filter } = webhook;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [
      'Id',
      <Group key="id" gap={4}>
        <span className="mono">{webhook.Id}</span>
        <Copy value={webhook.Id} what="the webhook id" />
      </Group>,
    ],
    ['Type', webhook.Type],
    ['Topics', webhook.Topics.join(', ')],
    [
      'Filter',
      filter === null || filter.length === 0
        ? 'none: every event of its topics'
        : filter.map(({ Field, Operator, Value }) => `${Field} ${Operator} ${String(Value)}`).join('; '),
    ],
    ['Authorization header', webhook.HasAuthorization ? 'set' : 'none'],
    ['Timeout', `${webhook.TimeoutSeconds} s`],
    [
      'Retries',
      schedule === null
        ? 'the usual: 10 attempts in about 75 h'
        : schedule.length === 0
          ? 'none'
          : `after ${schedule.join(', ')} s`,
    ],
    ['Requests per second', webhook.RateLimitPerSecond ?? 'as fast as it answers'],
    ['Signing secret made', <Time key="secret" at={webhook.SecretCreatedAt} />],
    ['Previous secret ends', <Time key="previous" at={webhook.PreviousSecretExpiresAt} />],
    ['Last received', <Time key="succeeded" at={webhook.LastSucceededAt} />],
    ['Last failed', <Time key="failed" at={webhook.LastFailedAt} />],
    ['Made', <Time key="made" at={webhook.CreatedAt} />],
  ];
  return (
    <Table>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={200}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
