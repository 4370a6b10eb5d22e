import { ActionIcon, Button, Group, Menu, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { RESERVED_TOPIC_PREFIX, type Topic } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { useTopics } from '../api/queries.js';
import { useSession } from '../api/session.js';
import { Confirm } from '../parts/Confirm.js';
import { DataTable } from '../parts/DataTable.js';
import { Empty, Loading, Problem, tellDone } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { Page } from '../parts/Page.js';
import { State } from '../parts/State.js';
import { TopicDrawer } from './TopicDrawer.js';
import { TopicForm } from './TopicForm.js';

/** The catalog: everybody reads it, the admin edits it. */
export function TopicsPage() {
  const isAdmin = useSession().Kind === 'admin';
  const client = useQueryClient();
  const { data, error, refetch } = useTopics();
  const [edited, setEdited] = useState<Topic | 'new' | null>(null);
  const [shown, setShown] = useState<Topic | null>(null);
  const [deleted, setDeleted] = useState<Topic | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: ['topics'] });
  return (
    <Page
      title="Topics"
      about="What can happen: a webhook names the topics that it wants to hear of."
      actions={
        isAdmin ? (
          <Button leftSection={<Icon name="plus" />} onClick={() => setEdited('new')}>
            Add topic
          </Button>
        ) : null
      }
    >
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="The catalog is empty">
          <Text c="dimmed">Nothing can be published until a topic is added.</Text>
        </Empty>
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <DataTable head={['Topic', 'What it tells', 'Schema', '']} minWidth={640} narrow="cards">
          {data.map((topic) => (
            <Table.Tr key={topic.Name}>
              <Table.Td>
                <Group gap="xs">
                  <UnstyledButton className="mono link" onClick={() => setShown(topic)}>
                    {topic.Name}
                  </UnstyledButton>
                  {topic.Deprecated ? (
                    <State tone="wait" mark="!">
                      Deprecated
                    </State>
                  ) : null}
                </Group>
              </Table.Td>
              <Table.Td>
                <Stack gap={0}>
                  <Text fw={500}>{topic.Title ?? topic.Name}</Text>
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {topic.Description}
                  </Text>
                </Stack>
              </Table.Td>
              <Table.Td data-label="Schema">
                <Text size="sm" c={topic.Schema === null ? 'dimmed' : undefined}>
                  {topic.Schema === null ? 'none' : topic.EnforceSchema ? 'enforced' : 'documented'}
                </Text>
              </Table.Td>
              <Table.Td data-corner="" ta="right">
                {isAdmin && !topic.Name.startsWith(RESERVED_TOPIC_PREFIX) ? (
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon variant="default" size={34} aria-label={`Actions for ${topic.Name}`}>
                        <Icon name="more" />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => setEdited(topic)}>Edit</Menu.Item>
                      <Menu.Item c="var(--bad)" onClick={() => setDeleted(topic)}>
                        Delete
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                ) : null}
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      {shown === null ? null : <TopicDrawer topic={shown} onClose={() => setShown(null)} />}
      {edited === null ? null : (
        <TopicForm topic={edited === 'new' ? null : edited} onClose={() => setEdited(null)} onDone={renew} />
      )}
      {deleted === null ? null : (
        <Confirm
          title={`Delete ${deleted.Name}?`}
          confirm="Delete"
          danger
          onClose={() => setDeleted(null)}
          act={() =>
            postrider
              .deleteTopic(deleted.Name)
              .then(renew)
              .then(() => tellDone(`${deleted.Name} is deleted`))
          }
        >
          <Text>
            Events with it are refused from now on. What was published stays, and so do webhooks that name it.
            To ask people to move on first, mark it as deprecated instead.
          </Text>
        </Confirm>
      )}
    </Page>
  );
}
