import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { EventAtWebhook, Webhook } from '@postrider/contracts';
import { useState } from 'react';
import { Link } from 'wouter';
import { useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { DeliveryState, State } from '../parts/State.js';
import { webhookName } from '../webhooks/webhook-name.js';
import { whyNot } from './verdicts.js';

const shownAtFirst = 10;

/** What became of an event at each webhook: who got it, and why the others did not. */
export function EventWebhooks({
  org,
  webhooks,
}: {
  readonly org: string;
  readonly webhooks: readonly EventAtWebhook[];
}) {
  const { data } = useWebhooks(org, useMay('webhooks:read'));
  const [all, setAll] = useState(false);
  const known = new Map(data?.map((webhook) => [webhook.Id, webhook]));
  const shown = all ? webhooks : webhooks.slice(0, shownAtFirst);
  if (webhooks.length === 0) return <Text size="sm">This organization has no webhook yet.</Text>;
  return (
    <Stack gap="xs">
      <ul className="plain-list">
        {shown.map((at) => (
          <li key={at.DeliveryId ?? at.WebhookId}>
            <AtWebhook org={org} at={at} webhook={known.get(at.WebhookId)} />
          </li>
        ))}
      </ul>
      {shown.length < webhooks.length ? (
        <Button variant="default" size="xs" onClick={() => setAll(true)} style={{ alignSelf: 'flex-start' }}>
          Show {webhooks.length - shown.length} more
        </Button>
      ) : null}
    </Stack>
  );
}

function AtWebhook({
  org,
  at,
  webhook,
}: {
  readonly org: string;
  readonly at: EventAtWebhook;
  readonly webhook: Webhook | undefined;
}) {
  const why = whyNot(at, webhook);
  return (
    <Stack gap={2}>
      <Group gap="sm" wrap="nowrap" justify="space-between">
        {webhook === undefined ? (
          <Text size="sm">A deleted webhook</Text>
        ) : (
          <Anchor component={Link} href={`/o/${org}/webhooks/${at.WebhookId}`} truncate>
            <bdi>{webhookName(webhook)}</bdi>
          </Anchor>
        )}
        <Group gap="sm" wrap="nowrap">
          {at.Status === null ? (
            <State tone="quiet" mark="–">
              Not sent
            </State>
          ) : (
            <DeliveryState delivery={{ Status: at.Status, AttemptsCount: 0 }} />
          )}
          {at.DeliveryId === null ? null : (
            <Anchor component={Link} href={`/o/${org}/deliveries?delivery=${at.DeliveryId}`} size="sm">
              Delivery
            </Anchor>
          )}
        </Group>
      </Group>
      {why === null ? null : (
        <Text size="sm" c="dimmed" className="breakable">
          {why}
        </Text>
      )}
    </Stack>
  );
}
