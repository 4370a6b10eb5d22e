import { Anchor, Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import type { Organization } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { call } from '../api/client.js';
import { useOrganizations } from '../api/queries.js';
import { Confirm } from '../parts/Confirm.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Time } from '../parts/Time.js';

export function OrganizationsPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useOrganizations(true);
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Organizations
        </Title>
        <Button onClick={() => setAdding(true)}>Add organization</Button>
      </Group>
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No organization yet">
          <Text>An organization owns webhooks, events and keys. Add one to begin.</Text>
        </Empty>
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Name</Table.Th>
              <Table.Th scope="col">Made</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((organization) => (
              <Table.Tr key={organization.Id}>
                <Table.Td>
                  <Anchor component={Link} href={`/o/${organization.Id}/webhooks`}>
                    {organization.Name}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <Time at={organization.CreatedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {adding ? (
        <Confirm
          title="Add organization"
          confirm="Add"
          disabled={name.trim() === ''}
          onClose={() => setAdding(false)}
          act={async () => {
            await call<Organization>('POST', '/v1/organizations', { Name: name.trim() });
            await client.invalidateQueries({ queryKey: ['organizations'] });
            setName('');
          }}
        >
          <TextInput
            label="Name"
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </Confirm>
      ) : null}
    </Stack>
  );
}
