import { Anchor, Button, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useWebhook } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { DeliveryLog } from '../deliveries/DeliveryLog.js';
import { Copy, Loading, Notice, Problem } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { awaitsReader, WebhookStateBadge, whyState } from '../parts/State.js';
import { ConfirmationNotice } from './ConfirmationNotice.js';
import { PingDialog } from './PingDialog.js';
import { webhookName } from './webhook-name.js';
import { WebhookActions } from './WebhookActions.js';
import { WebhookSettings } from './WebhookSettings.js';

const Charts = lazy(() => import('../charts/Charts.js').then((m) => ({ default: m.Charts })));

export function WebhookPage({ org, id }: { readonly org: string; readonly id: string }) {
  const { data: webhook, error, refetch } = useWebhook(org, id);
  const [parameters, setParameters] = useSearchParams();
  const [pinging, setPinging] = useState(false);
  const mayRead = useMay('deliveries:read');
  const mayWrite = useMay('webhooks:write');
  const tab = parameters.get('tab') ?? (mayRead ? 'deliveries' : 'settings');
  if (error !== null) {
    return (
      <div className="page">
        <Problem error={error} retry={() => void refetch()} />
      </div>
    );
  }
  if (webhook === undefined) return <Loading />;
  const why = whyState(webhook);
  const target = webhook.Url ?? webhook.Email ?? '';
  return (
    <Stack className="page">
      <Anchor component={Link} href={`/o/${org}/webhooks`} size="sm" style={{ alignSelf: 'flex-start' }}>
        ← Webhooks
      </Anchor>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} miw={0} flex="1 1 16rem">
          <Group gap="sm">
            <Title order={1} size="h2">
              <bdi>{webhookName(webhook)}</bdi>
            </Title>
            <WebhookStateBadge webhook={webhook} />
          </Group>
          <Group gap={4} wrap="nowrap">
            <Text className="mono" c="dimmed" truncate>
              <bdi>{target}</bdi>
            </Text>
            <Copy value={target} what={webhook.Url === null ? 'the address' : 'the URL'} />
          </Group>
        </Stack>
        <Group gap="xs" wrap="nowrap">
          {mayWrite ? (
            <Button variant="default" leftSection={<Icon name="terminal" />} onClick={() => setPinging(true)}>
              Ping
            </Button>
          ) : null}
          <WebhookActions org={org} webhook={webhook} />
        </Group>
      </Group>
      {awaitsReader(webhook) ? <ConfirmationNotice org={org} webhook={webhook} /> : null}
      {why === null || awaitsReader(webhook) ? null : (
        <Notice tone={webhook.State === 'disabled' ? 'bad' : 'wait'}>{why}</Notice>
      )}
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
          <WebhookSettings org={org} webhook={webhook} />
        </Tabs.Panel>
      </Tabs>
      {pinging ? <PingDialog org={org} webhook={webhook} onClose={() => setPinging(false)} /> : null}
    </Stack>
  );
}
