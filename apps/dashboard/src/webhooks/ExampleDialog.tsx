import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { Dialog } from '../parts/Dialog.js';
import { RESERVED_TOPIC_PREFIX, type Webhook } from '@postrider/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { useTopics } from '../api/queries.js';
import { Loading, Problem } from '../parts/Feedback.js';
import { SentResult } from './SentResult.js';

/** Sends what the catalog shows as the example of a topic, so that a receiver can be tried before anything happens. */
export function ExampleDialog({
  org,
  webhook,
  onClose,
}: {
  readonly org: string;
  readonly webhook: Webhook;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const { data, error } = useTopics();
  const withExample = data?.filter(
    ({ Name, Example }) => Example !== null && !Name.startsWith(RESERVED_TOPIC_PREFIX),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const topic = withExample?.find(({ Name }) => Name === chosen) ?? withExample?.[0];
  const send = useMutation({
    mutationFn: (name: string) => postrider.organization(org).webhooks.sendExample(webhook.Id, name),
    onSuccess: () => client.invalidateQueries({ queryKey: [org] }),
  });
  const failure = error ?? send.error;
  return (
    <Dialog onClose={onClose} title="Send an example" size="lg">
      <Stack>
        <Text>
          Sends the example of a topic to{' '}
          <span className="mono breakable">{webhook.Url ?? webhook.Email}</span> as if it had happened,
          whatever the topics, filter and state of the webhook. Nobody else gets it.
        </Text>
        {withExample === undefined && error === null ? <Loading /> : null}
        {withExample?.length === 0 ? (
          <Text>No topic of the catalog has an example: an admin can add one under Topics.</Text>
        ) : null}
        {topic === undefined ? null : (
          <>
            <Select
              label="Topic"
              allowDeselect={false}
              data={withExample?.map(({ Name }) => Name) ?? []}
              value={topic.Name}
              onChange={(name) => {
                setChosen(name);
                send.reset();
              }}
            />
            <pre
              className="code"
              tabIndex={0}
              aria-label="Data of the example"
              style={{ maxHeight: '14rem' }}
            >
              {JSON.stringify(topic.Example, null, 2)}
            </pre>
          </>
        )}
        <div role="status">
          {send.data === undefined ? null : <SentResult org={org} delivery={send.data} />}
        </div>
        {failure === null ? null : <Problem error={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            disabled={topic === undefined}
            loading={send.isPending}
            onClick={() => {
              if (topic !== undefined) send.mutate(topic.Name);
            }}
          >
            {send.data === undefined ? 'Send the example' : 'Send again'}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
