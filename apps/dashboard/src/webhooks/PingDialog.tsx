import { Button, Group, Stack, Text } from '@mantine/core';
import { Dialog } from '../parts/Dialog.js';
import type { Webhook } from '@postrider/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { postrider } from '../api/client.js';
import { Problem } from '../parts/Feedback.js';
import { SentResult } from './SentResult.js';

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
    mutationFn: () => postrider.organization(org).webhooks.ping(webhook.Id),
    onSuccess: () => client.invalidateQueries({ queryKey: [org] }),
  });
  return (
    <Dialog onClose={onClose} title="Ping this webhook?" size="lg">
      <Stack>
        <Text>
          Sends the event webhook.ping to{' '}
          <span className="mono breakable">{webhook.Url ?? webhook.Email}</span>, whatever its topics, filter
          and state.
        </Text>
        <div role="status">
          {ping.data === undefined ? null : <SentResult org={org} delivery={ping.data} />}
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
    </Dialog>
  );
}
