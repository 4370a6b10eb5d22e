import { Anchor, Button, Drawer, Group, Select, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { useEvents, useRejectedEvents, useTopics } from '../api/queries.js';
import { EventDetails } from '../deliveries/EventDetails.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Time } from '../parts/Time.js';

export function EventsPage({ org }: { readonly org: string }) {
  return (
    <Stack>
      <Title order={1} size="h2">
        Events
      </Title>
      <Tabs defaultValue="accepted" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="accepted">Accepted</Tabs.Tab>
          <Tabs.Tab value="rejected">Rejected</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accepted" pt="md">
          <Accepted org={org} />
        </Tabs.Panel>
        <Tabs.Panel value="rejected" pt="md">
          <Rejected org={org} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Accepted({ org }: { readonly org: string }) {
  const [topic, setTopic] = useState<string | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const { data: topics } = useTopics();
  const events = useEvents(org, { Topic: topic ?? undefined });
  const rows = events.data?.pages.flatMap((page) => page.Data) ?? [];
  return (
    <Stack>
      <Select
        label="Topic"
        placeholder="All"
        clearable
        clearButtonProps={{ 'aria-label': 'Clear Topic' }}
        maw={300}
        data={topics?.map(({ Name }) => Name) ?? []}
        value={topic}
        onChange={setTopic}
      />
      {events.error === null ? null : <Problem error={events.error} retry={() => void events.refetch()} />}
      {events.isPending ? <Loading /> : null}
      {events.data !== undefined && rows.length === 0 ? (
        <Empty title="No events yet">
          <Text>
            Publish one over NATS or HTTP: the <a href="/docs">API reference</a> says how.
          </Text>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <Table.ScrollContainer minWidth={700} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {['Event', 'Topic', 'Accepted', 'By', 'Deliveries'].map((name) => (
                  <Table.Th key={name} scope="col">
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((event) => (
                <Table.Tr key={event.Id}>
                  <Table.Td>
                    <Anchor
                      component="button"
                      type="button"
                      className="mono"
                      onClick={() => setShown(event.Id)}
                    >
                      {event.Id}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{event.Topic}</Table.Td>
                  <Table.Td>
                    <Time at={event.AcceptedAt} />
                  </Table.Td>
                  <Table.Td>{event.Source}</Table.Td>
                  <Table.Td>
                    <Anchor component={Link} href={`/o/${org}/deliveries?EventId=${event.Id}`}>
                      {event.Deliveries}
                    </Anchor>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {events.hasNextPage ? (
        <Group justify="center">
          <Button
            variant="default"
            loading={events.isFetchingNextPage}
            onClick={() => void events.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      ) : null}
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title={shown}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown === null ? null : <EventDetails org={org} id={shown} />}
      </Drawer>
    </Stack>
  );
}

function Rejected({ org }: { readonly org: string }) {
  const { data, error, refetch } = useRejectedEvents(org);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.Data.length === 0) {
    return (
      <Empty title="Nothing was rejected">
        <Text>What is published over NATS and can not be accepted is kept here, with the reason.</Text>
      </Empty>
    );
  }
  return (
    <Stack>
      {data.Data.map((event) => (
        <Stack key={event.Id} gap={4}>
          <Group gap="sm">
            <Text fw={600}>{event.Reason}</Text>
            <Text size="sm" className="mono">
              {event.Code}
            </Text>
            <Time at={event.RejectedAt} size="sm" />
          </Group>
          <Text size="sm">{event.Subject}</Text>
          <pre className="code" tabIndex={0} aria-label="What was published">
            {event.Payload}
          </pre>
        </Stack>
      ))}
    </Stack>
  );
}
