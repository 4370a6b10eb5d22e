import { Anchor, Button, Drawer, Group, Stack, Text, Timeline } from '@mantine/core';
import type { Attempt, DeliveryWithAttempts } from '@postrider/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { call, organizationPath } from '../api/client.js';
import { useDelivery } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Copy, Loading, Problem, tellProblem } from '../parts/Feedback.js';
import { DeliveryState } from '../parts/State.js';
import { duration, Time } from '../parts/Time.js';
import { AttemptDetails } from './AttemptDetails.js';
import { causeOf } from './causes.js';
import { EventDetails } from './EventDetails.js';

const triggers: Readonly<Record<Attempt['Trigger'], string>> = {
  event: 'First attempt',
  retry: 'Retry',
  resend: 'Resend',
  ping: 'Ping',
};

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
  const { data, error } = useDelivery(org, id, expected);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title="Delivery"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {error === null ? null : <Problem error={error} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data === undefined ? null : (
        <Delivery org={org} delivery={data} expected={expected} expect={setExpected} />
      )}
    </Drawer>
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
    <Stack>
      <Group justify="space-between">
        <Group gap="sm">
          <DeliveryState delivery={delivery} />
          <Text fw={600}>{delivery.Topic}</Text>
        </Group>
        <Resend org={org} delivery={delivery} waiting={attempts.length < expected} expect={expect} />
      </Group>
      <Ids org={org} delivery={delivery} />
      {delivery.Status === 'Pending' && delivery.NextAttemptAt !== null ? (
        <Text size="sm">
          Next attempt <Time at={delivery.NextAttemptAt} ago fw={600} />, at{' '}
          <Time at={delivery.NextAttemptAt} />.
        </Text>
      ) : null}
      <Timeline bulletSize={14} lineWidth={2} active={attempts.length}>
        <Timeline.Item title="Event accepted">
          <Time at={delivery.CreatedAt} size="sm" />
        </Timeline.Item>
        {attempts.map((attempt) => (
          <Timeline.Item
            key={attempt.Id}
            title={`${triggers[attempt.Trigger]}: ${attempt.Error === null ? 'received' : 'failed'}`}
          >
            <AttemptLine attempt={attempt} />
            {attempt.Id === shown?.Id ? (
              <Text size="sm" fw={600}>
                Shown below
              </Text>
            ) : (
              <Anchor component="button" type="button" size="sm" onClick={() => setShown(attempt.Id)}>
                Show attempt {attempt.Number}
              </Anchor>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
      {shown === undefined ? null : (
        <AttemptDetails key={shown.Id} attempt={shown} previous={attempts[attempts.indexOf(shown) - 1]} />
      )}
      <EventDetails org={org} id={delivery.EventId} />
    </Stack>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const cause = causeOf(attempt);
  return (
    <>
      <Text size="sm">
        <Time at={attempt.StartedAt} /> · {duration(attempt.DurationMs)} ·{' '}
        {attempt.StatusCode === null ? 'no answer' : `status ${attempt.StatusCode}`}
      </Text>
      {cause === null ? null : (
        <Text size="sm">
          {cause.what} {cause.fix}
        </Text>
      )}
    </>
  );
}

function Ids({ org, delivery }: { readonly org: string; readonly delivery: DeliveryWithAttempts }) {
  return (
    <Stack gap={2}>
      {(
        [
          ['Delivery', delivery.Id],
          ['Event', delivery.EventId],
        ] as const
      ).map(([what, id]) => (
        <Group key={what} gap={4} wrap="nowrap">
          <Text size="sm" w={70}>
            {what}
          </Text>
          <Text className="mono" truncate>
            {id}
          </Text>
          <Copy value={id} what={`the ${what.toLowerCase()} id`} />
        </Group>
      ))}
      <Group gap={4}>
        <Text size="sm" w={70}>
          Webhook
        </Text>
        <Anchor component={Link} href={`/o/${org}/webhooks/${delivery.WebhookId}`} size="sm">
          Open the webhook
        </Anchor>
      </Group>
    </Stack>
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
    mutationFn: () => call('POST', `${organizationPath(org)}/deliveries/${delivery.Id}/resend`, {}),
    onSuccess: async () => {
      expect(delivery.Attempts.length + 1);
      await client.invalidateQueries({ queryKey: [org, 'delivery', delivery.Id] });
    },
    onError: tellProblem,
  });
  if (!may) return null;
  return (
    <Button onClick={() => resend.mutate()} loading={resend.isPending || waiting}>
      Resend
    </Button>
  );
}
