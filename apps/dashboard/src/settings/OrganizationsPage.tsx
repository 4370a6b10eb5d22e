import { Anchor, Button, Group, Table, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { postrider } from '../api/client.js';
import { useOrganizations } from '../api/queries.js';
import { Confirm } from '../parts/Confirm.js';
import { DataTable } from '../parts/DataTable.js';
import { Copy, Empty, Loading, Problem } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { Page } from '../parts/Page.js';
import { Time } from '../parts/Time.js';

export function OrganizationsPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useOrganizations(true);
  const [, navigate] = useLocation();
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  return (
    <Page
      title="Organizations"
      about="Each owns its webhooks, events and keys, and sees nothing of the others."
      actions={
        <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
          Add organization
        </Button>
      }
    >
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No organization yet">
          <Text c="dimmed">An organization owns webhooks, events and keys. Add one to begin.</Text>
        </Empty>
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <DataTable head={['Name', 'Id', 'Made']} minWidth={560} narrow="cards">
          {data.map((organization) => (
            <Table.Tr key={organization.Id}>
              <Table.Td>
                <Anchor component={Link} href={`/o/${organization.Id}/webhooks`} fw={600}>
                  <bdi>{organization.Name}</bdi>
                </Anchor>
              </Table.Td>
              <Table.Td data-label="Id">
                <Group gap={4} wrap="nowrap">
                  <span className="mono breakable">{organization.Id}</span>
                  <Copy value={organization.Id} what="the organization id" />
                </Group>
              </Table.Td>
              <Table.Td data-label="Made">
                <Time at={organization.CreatedAt} size="sm" />
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
      {adding ? (
        <Confirm
          title="Add organization"
          confirm="Add"
          disabled={name.trim() === ''}
          onClose={() => setAdding(false)}
          act={async () => {
            const made = await postrider.createOrganization({ Name: name.trim() });
            await client.invalidateQueries({ queryKey: ['organizations'] });
            setName('');
            navigate(`/o/${made.Id}/webhooks`);
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
    </Page>
  );
}
