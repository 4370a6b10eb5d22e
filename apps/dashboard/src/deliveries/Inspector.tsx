import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { SidePanel } from '../parts/Dialog.js';
import type { DeliveryWithAttempts } from '@postrider/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { postrider } from '../api/client.js';
import { useDelivery, useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Copy, Loading, Notice, Problem, tellProblem } from '../parts/Feedback.js';
import { DeliveryState } from '../parts/State.js';
import { Time } from '../parts/Time.js';
import { webhookName } from '../webhooks/webhook-name.js';
import { AttemptDetails } from './AttemptDetails.js';
import { AttemptTimeline } from './AttemptTimeline.js';
import { EventDetails } from './EventDetails.js';

/** One delivery from its event to its last attempt. */
export function Inspector({
  org,
  id,
  onClose,
}: {
  readonly org: string;
  readonly id: string;
  readonly onClose: () => void;
}) {
  // A resend answers before its attempt is made: it is waited for.
  const [expected, setExpected] = useState(0);
  const { data, error, refetch } = useDelivery(org, id, expected);
  return (
    <SidePanel onClose={onClose} size="xl" title="Delivery">
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data === undefined ? null : (
        <Delivery org={org} delivery={data} expected={expected} expect={setExpected} />
      )}
    </SidePanel>
  );
}

function Delivery({
  org,
  delivery,
  expected,
  expect,
}: {
  readonly org: string;
  readonly delivery: DeliveryWithAttempts;
  readonly expected: number;
  readonly expect: (attempts: number) => void;
}) {
  const { Attempts: attempts } = delivery;
  const [shownId, setShown] = useState<string | null>(null);
  const shown = attempts.find(({ Id }) => Id === shownId) ?? attempts.at(-1);
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="sm" miw={0}>
            <DeliveryState delivery={delivery} />
            <Text fw={650} size="lg" className="breakable">
              {delivery.Topic}
            </Text>
          </Group>
          <Resend org={org} delivery={delivery} waiting={attempts.length < expected} expect={expect} />
        </Group>
        <Ids org={org} delivery={delivery} />
      </Stack>
      {delivery.Status === 'Pending' && delivery.NextAttemptAt !== null ? (
        <Notice tone="wait">
          Next attempt <Time at={delivery.NextAttemptAt} ago fw={600} span />, at{' '}
          <Time at={delivery.NextAttemptAt} span />.
        </Notice>
      ) : null}
      {delivery.Status === 'Held' ? (
        <Notice tone="wait">Held: its webhook is paused. It goes out, or not, when that is resumed.</Notice>
      ) : null}
      <AttemptTimeline delivery={delivery} shownId={shown?.Id} onShow={setShown} />
      {shown === undefined ? null : (
        <Stack gap="xs" component="section" aria-label={`Attempt ${shown.Number}`}>
          <Title order={2} size="h3">
            Attempt {shown.Number}
          </Title>
          <AttemptDetails key={shown.Id} attempt={shown} previous={attempts[attempts.indexOf(shown) - 1]} />
        </Stack>
      )}
      <Stack gap="xs" component="section" aria-label="Event">
        <Title order={2} size="h3">
          Event
        </Title>
        <EventDetails org={org} id={delivery.EventId} />
      </Stack>
    </Stack>
  );
}

function Ids({ org, delivery }: { readonly org: string; readonly delivery: DeliveryWithAttempts }) {
  const { data: webhooks } = useWebhooks(org, useMay('webhooks:read'));
  const webhook = webhooks?.find(({ Id }) => Id === delivery.WebhookId);
  const ids = [
    ['Delivery', delivery.Id],
    ['Event', delivery.EventId],
  ] as const;
  return (
    <dl className="ids">
      <dt>Webhook</dt>
      <dd>
        {webhooks !== undefined && webhook === undefined ? (
          'deleted'
        ) : (
          <Anchor component={Link} href={`/o/${org}/webhooks/${delivery.WebhookId}`} size="sm">
            <bdi>{webhook === undefined ? 'Open the webhook' : webhookName(webhook)}</bdi>
          </Anchor>
        )}
      </dd>
      {ids.map(([what, id]) => (
        <div key={what} style={{ display: 'contents' }}>
          <dt>{what}</dt>
          <dd>
            <Group gap={4} wrap="nowrap">
              <Text className="mono" truncate>
                {id}
              </Text>
              <Copy value={id} what={`the ${what.toLowerCase()} id`} />
            </Group>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Resend({
  org,
  delivery,
  waiting,
  expect,
}: {
  readonly org: string;
  readonly delivery: DeliveryWithAttempts;
  readonly waiting: boolean;
  readonly expect: (attempts: number) => void;
}) {
  const client = useQueryClient();
  const may = useMay('deliveries:resend');
  const resend = useMutation({
    mutationFn: () => postrider.organization(org).deliveries.resend(delivery.Id),
    onSuccess: async () => {
      expect(delivery.Attempts.length + 1);
      await client.invalidateQueries({ queryKey: [org, 'delivery', delivery.Id] });
    },
    onError: tellProblem,
  });
  if (!may) return null;
  return (
    <Button onClick={() => resend.mutate()} loading={resend.isPending || waiting} style={{ flex: 'none' }}>
      Resend
    </Button>
  );
}
