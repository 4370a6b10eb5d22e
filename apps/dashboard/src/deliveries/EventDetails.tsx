import { Stack, Tabs, Text } from '@mantine/core';
import { useEvent } from '../api/queries.js';
import { EventWebhooks } from '../events/EventWebhooks.js';
import { Copy, Loading, Problem } from '../parts/Feedback.js';
import { Facts } from '../parts/DataTable.js';
import { Diff } from '../parts/Diff.js';
import { JsonText } from '../parts/JsonText.js';
import { prettyJson } from '../parts/json.policy.js';
import { Time } from '../parts/Time.js';

const sources = { nats: 'NATS', http: 'HTTP', postrider: 'Postrider itself' } as const;

/** An event: what it says, what it changed, and which webhooks got it. */
export function EventDetails({
  org,
  id,
  first = 'data',
}: {
  readonly org: string;
  readonly id: string;
  readonly first?: 'data' | 'webhooks';
}) {
  const { data, error, refetch } = useEvent(org, id);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const { event, previousData } = data;
  return (
    <Tabs defaultValue={first} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="data">Data</Tabs.Tab>
        {previousData === null ? null : <Tabs.Tab value="changes">Changes of Data</Tabs.Tab>}
        <Tabs.Tab value="webhooks">Webhooks</Tabs.Tab>
        <Tabs.Tab value="about">About</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="data" pt="sm">
        <JsonText text={data.data} what="Data of the event" />
      </Tabs.Panel>
      {previousData === null ? null : (
        <Tabs.Panel value="changes" pt="sm">
          <Stack gap={4}>
            <Text size="sm" c="dimmed">
              From PreviousData to Data:
            </Text>
            <Diff before={prettyJson(previousData)} after={prettyJson(data.data)} />
          </Stack>
        </Tabs.Panel>
      )}
      <Tabs.Panel value="webhooks" pt="xs">
        <EventWebhooks org={org} webhooks={event.Webhooks} />
      </Tabs.Panel>
      <Tabs.Panel value="about" pt="sm">
        <Facts
          rows={[
            [
              'Event id',
              <span key="id" className="mono">
                {event.Id} <Copy value={event.Id} what="the event id" />
              </span>,
            ],
            ['Topic', event.Topic],
            ['Resource', event.Resource ?? '–'],
            ['Actor', event.Actor === null ? '–' : `${event.Actor.Type} ${event.Actor.Id}`],
            ['Happened', <Time key="created" at={event.CreatedAt} />],
            ['Accepted', <Time key="accepted" at={event.AcceptedAt} />],
            ['Came over', sources[event.Source]],
          ]}
        />
      </Tabs.Panel>
    </Tabs>
  );
}
