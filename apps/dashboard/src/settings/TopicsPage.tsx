import {
  Button,
  Group,
  Menu,
  ActionIcon,
  Modal,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import type { Topic } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.js';
import { useTopics } from '../api/queries.js';
import { useSession } from '../api/session.js';
import { Confirm } from '../parts/Confirm.js';
import { Loading, Problem } from '../parts/Feedback.js';

const topicPath = (name: string): string => `/v1/topics/${encodeURIComponent(name)}`;

/** The catalog: everybody reads it, the admin edits it. */
export function TopicsPage() {
  const isAdmin = useSession().Kind === 'admin';
  const client = useQueryClient();
  const { data, error, refetch } = useTopics();
  const [edited, setEdited] = useState<Topic | 'new' | null>(null);
  const [deleted, setDeleted] = useState<Topic | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: ['topics'] });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Topics
        </Title>
        {isAdmin ? <Button onClick={() => setEdited('new')}>Add topic</Button> : null}
      </Group>
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      <Table.ScrollContainer minWidth={500} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Topic</Table.Th>
              <Table.Th scope="col">What it tells</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data?.map((topic) => (
              <Table.Tr key={topic.Name}>
                <Table.Td className="mono">{topic.Name}</Table.Td>
                <Table.Td>
                  <Text fw={600} size="sm">
                    {topic.Title}
                  </Text>
                  <Text size="sm">{topic.Description}</Text>
                </Table.Td>
                <Table.Td>
                  {isAdmin && !topic.Name.startsWith('webhook.') ? (
                    <Menu>
                      <Menu.Target>
                        <ActionIcon variant="default" aria-label={`Actions for ${topic.Name}`}>
                          <span aria-hidden="true">⋯</span>
                        </ActionIcon>
                      </Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => setEdited(topic)}>Edit</Menu.Item>
                        <Menu.Item onClick={() => setDeleted(topic)}>Delete</Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  ) : null}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {edited === null ? null : (
        <TopicForm topic={edited === 'new' ? null : edited} onClose={() => setEdited(null)} onDone={renew} />
      )}
      {deleted === null ? null : (
        <Confirm
          title={`Delete ${deleted.Name}?`}
          confirm="Delete"
          danger
          onClose={() => setDeleted(null)}
          act={() => call('DELETE', topicPath(deleted.Name)).then(renew)}
        >
          <Text>Nobody can publish it any more. What was published stays.</Text>
        </Confirm>
      )}
    </Stack>
  );
}

function TopicForm({
  topic,
  onClose,
  onDone,
}: {
  readonly topic: Topic | null;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
  const [name, setName] = useState(topic?.Name ?? '');
  const [title, setTitle] = useState(topic?.Title ?? '');
  const [description, setDescription] = useState(topic?.Description ?? '');
  const [error, setError] = useState<unknown>(null);
  const save = async (): Promise<void> => {
    const body = { Title: title.trim() || null, Description: description.trim() || null };
    try {
      if (topic === null) await call('POST', '/v1/topics', { Name: name.trim(), ...body });
      else await call('PATCH', topicPath(topic.Name), body);
      await onDone();
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={topic === null ? 'Add topic' : `Edit ${topic.Name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          {topic === null ? (
            <TextInput
              label="Name"
              description="Words separated by full stops, such as invoice.paid"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          ) : null}
          <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Textarea
            label="Description"
            value={description}
            autosize
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {error === null ? null : <Problem error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
