import { Anchor, Button, Drawer, Group, Select, Stack, Table, Tabs, Text } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import { useEvents, useTopics } from '../api/queries.js';
import { EventDetails } from '../deliveries/EventDetails.js';
import { DataTable } from '../parts/DataTable.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Page } from '../parts/Page.js';
import { Time } from '../parts/Time.js';
import { RejectedEvents } from './RejectedEvents.js';

export function EventsPage({ org }: { readonly org: string }) {
  return (
    <Page title="Events" about="What was published, whether a webhook wanted it or not.">
      <Tabs defaultValue="accepted" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="accepted">Accepted</Tabs.Tab>
          <Tabs.Tab value="rejected">Rejected</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accepted" pt="md">
          <Accepted org={org} />
        </Tabs.Panel>
        <Tabs.Panel value="rejected" pt="md">
          <RejectedEvents org={org} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

const sources = { nats: 'NATS', http: 'HTTP', postrider: 'Postrider' } as const;

function Accepted({ org }: { readonly org: string }) {
  const [parameters, setParameters] = useSearchParams();
  const topic = parameters.get('Topic');
  const shown = parameters.get('event');
  const set = (name: string, to: string | null): void =>
    setParameters((current) => {
      const next = new URLSearchParams(current);
      if (to === null) next.delete(name);
      else next.set(name, to);
      return next;
    });
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
        onChange={(to) => set('Topic', to)}
      />
      {events.error === null ? null : <Problem error={events.error} retry={() => void events.refetch()} />}
      {events.isPending ? <Loading /> : null}
      {events.data !== undefined && rows.length === 0 ? (
        <Empty title={topic === null ? 'No events yet' : 'No events of this topic yet'}>
          <Text c="dimmed">
            Publish one over NATS or HTTP: the{' '}
            <Anchor href="/docs" underline="always">
              API reference
            </Anchor>{' '}
            says how.
          </Text>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable head={['Event', 'Topic', 'Accepted', 'Over', 'Deliveries']} minWidth={760} narrow="cards">
          {rows.map((event) => (
            <Table.Tr key={event.Id}>
              <Table.Td>
                <Anchor
                  component="button"
                  type="button"
                  className="mono breakable"
                  ta="left"
                  onClick={() => set('event', event.Id)}
                >
                  {event.Id}
                </Anchor>
              </Table.Td>
              <Table.Td data-label="Topic">
                <span className="tag">{event.Topic}</span>
              </Table.Td>
              <Table.Td data-label="Accepted">
                <Time at={event.AcceptedAt} size="sm" />
              </Table.Td>
              <Table.Td data-label="Over">{sources[event.Source]}</Table.Td>
              <Table.Td data-label="Deliveries">
                {event.Deliveries === 0 ? (
                  <Anchor component="button" type="button" size="sm" onClick={() => set('event', event.Id)}>
                    none: why?
                  </Anchor>
                ) : (
                  <Anchor component={Link} href={`/o/${org}/deliveries?EventId=${event.Id}`} size="sm">
                    {event.Deliveries}
                  </Anchor>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
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
        onClose={() => set('event', null)}
        position="right"
        size="xl"
        title="Event"
      >
        {shown === null ? null : (
          <Stack>
            <Text className="mono breakable">{shown}</Text>
            <EventDetails org={org} id={shown} first="webhooks" />
          </Stack>
        )}
      </Drawer>
    </Stack>
  );
}
