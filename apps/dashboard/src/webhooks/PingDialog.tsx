import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { DeliveryWithAttempts, Webhook } from '@postrider/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { call, organizationPath } from '../api/client.js';
import { causeOf } from '../deliveries/causes.js';
import { Problem } from '../parts/Feedback.js';
import { State } from '../parts/State.js';
import { duration } from '../parts/Time.js';

export function PingDialog({
  org,
  webhook,
  onClose,
}: {
  readonly org: string;
  readonly webhook: Webhook;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const ping = useMutation({
    mutationFn: () =>
      call<DeliveryWithAttempts>('POST', `${organizationPath(org)}/webhooks/${webhook.Id}/ping`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: [org] }),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Ping this webhook?"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text>
          Sends the event webhook.ping to <span className="mono">{webhook.Url ?? webhook.Email}</span>,
          whatever its topics, filter and state.
        </Text>
        <div role="status">
          {ping.data === undefined ? null : <PingResult org={org} delivery={ping.data} />}
        </div>
        {ping.error === null ? null : <Problem error={ping.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {ping.data === undefined ? 'Cancel' : 'Close'}
          </Button>
          <Button onClick={() => ping.mutate()} loading={ping.isPending}>
            {ping.data === undefined ? 'Yes, ping this webhook' : 'Ping again'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function PingResult({ org, delivery }: { readonly org: string; readonly delivery: DeliveryWithAttempts }) {
  const attempt = delivery.Attempts.at(-1);
  if (attempt === undefined) return <Text>It is on its way: see the deliveries.</Text>;
  const cause = causeOf(attempt);
  return (
    <Stack gap="xs">
      <Group gap="sm">
        {attempt.Error === null ? (
          <State tone="good" mark="✓">
            Received
          </State>
        ) : (
          <State tone="bad" mark="✕">
            Failed
          </State>
        )}
        <Text>{attempt.StatusCode === null ? 'no answer' : `status ${attempt.StatusCode}`}</Text>
        <Text>{duration(attempt.DurationMs)}</Text>
        <Anchor component={Link} href={`/o/${org}/deliveries?delivery=${delivery.Id}`}>
          Details
        </Anchor>
      </Group>
      {cause === null ? null : (
        <Text size="sm">
          {cause.what} {cause.fix}
        </Text>
      )}
      {attempt.Response === null || attempt.Response.Body === '' ? null : (
        <pre className="code" tabIndex={0} aria-label="Body of the answer">
          {attempt.Response.Body}
        </pre>
      )}
    </Stack>
  );
}
