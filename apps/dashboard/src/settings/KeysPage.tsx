import { ActionIcon, Alert, Button, Checkbox, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { Dialog } from '../parts/Dialog.js';
import { scopes, type Scope, type ApiKey, type ApiKeyCreated, type PortalLink } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { useApiKeys } from '../api/queries.js';
import { Confirm } from '../parts/Confirm.js';
import { Copy, Empty, Loading, Problem } from '../parts/Feedback.js';
import { DataTable } from '../parts/DataTable.js';
import { Icon } from '../parts/Icon.js';
import { Page } from '../parts/Page.js';
import { Time } from '../parts/Time.js';

export function KeysPage({ org }: { readonly org: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useApiKeys(org);
  const [dialog, setDialog] = useState<'key' | 'link' | null>(null);
  const [deleted, setDeleted] = useState<ApiKey | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: [org, 'api-keys'] });
  return (
    <Page
      title="API keys"
      about="What programs call the API with, and links by which end customers see to their own webhooks."
      actions={
        <>
          <Button variant="default" onClick={() => setDialog('link')}>
            Portal link
          </Button>
          <Button leftSection={<Icon name="plus" />} onClick={() => setDialog('key')}>
            Add key
          </Button>
        </>
      }
    >
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No keys yet">
          <Text c="dimmed">A key lets a program do what its scopes say, in this organization alone.</Text>
        </Empty>
      ) : null}
      {data === undefined || data.length === 0 ? null : <KeyTable keys={data} onDelete={setDeleted} />}
      {dialog === 'key' ? <MakeKey org={org} onDone={renew} onClose={() => setDialog(null)} /> : null}
      {dialog === 'link' ? <MakeLink org={org} onClose={() => setDialog(null)} /> : null}
      {deleted === null ? null : (
        <Confirm
          title={`Delete the key “${deleted.Name}”?`}
          confirm="Delete"
          danger
          onClose={() => setDeleted(null)}
          act={() => postrider.organization(org).apiKeys.delete(deleted.Id).then(renew)}
        >
          <Text>It stops working at once, and so do the sessions and portal links that came of it.</Text>
        </Confirm>
      )}
    </Page>
  );
}

function KeyTable({
  keys,
  onDelete,
}: {
  readonly keys: readonly ApiKey[];
  readonly onDelete: (key: ApiKey) => void;
}) {
  return (
    <DataTable
      head={['Name', 'Begins with', 'Scopes', 'Last used', 'Expires', '']}
      minWidth={760}
      narrow="cards"
    >
      {keys.map((key) => (
        <Table.Tr key={key.Id}>
          <Table.Td fw={500}>
            <bdi>{key.Name}</bdi>
          </Table.Td>
          <Table.Td data-label="Begins with" className="mono">
            {key.Prefix}…
          </Table.Td>
          <Table.Td data-label="Scopes">
            <Group gap={4} maw={360}>
              {key.Scopes.map((scope) => (
                <span key={scope} className="tag">
                  {scope}
                </span>
              ))}
            </Group>
          </Table.Td>
          <Table.Td data-label="Last used">
            {key.LastUsedAt === null ? (
              <Text size="sm" c="dimmed">
                never
              </Text>
            ) : (
              <Time at={key.LastUsedAt} ago size="sm" />
            )}
          </Table.Td>
          <Table.Td data-label="Expires">
            {key.ExpiresAt === null ? (
              <Text size="sm" c="dimmed">
                never
              </Text>
            ) : (
              <Time at={key.ExpiresAt} size="sm" />
            )}
          </Table.Td>
          <Table.Td data-corner="" ta="right">
            <ActionIcon
              variant="default"
              size={34}
              aria-label={`Delete the key ${key.Name}`}
              onClick={() => onDelete(key)}
            >
              <Icon name="trash" />
            </ActionIcon>
          </Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}

const scopeWords: Readonly<Record<Scope, string>> = {
  'webhooks:read': 'See webhooks and topics',
  'webhooks:write': 'Add, change, delete, pause and ping webhooks',
  'secrets:rotate': 'Rotate signing secrets',
  'deliveries:read': 'See deliveries, events and charts',
  'deliveries:resend': 'Resend and replay deliveries',
  'events:publish': 'Publish events',
  'keys:manage': 'Manage keys and portal links, see the audit log',
};

function Scopes({
  value,
  onChange,
}: {
  readonly value: Scope[];
  readonly onChange: (scopes: Scope[]) => void;
}) {
  return (
    <Checkbox.Group<Scope> label="What it may do" value={value} onChange={onChange}>
      <Stack gap={8} mt={6}>
        {scopes.map((scope) => (
          <Checkbox key={scope} value={scope} label={scopeWords[scope]} description={scope} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function Once({ what, value }: { readonly what: string; readonly value: string }) {
  return (
    <Alert variant="default" title={`Copy ${what} now: it is shown this once`}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <Text className="mono breakable">{value}</Text>
        <Copy value={value} what={what} />
      </Group>
    </Alert>
  );
}

function MakeKey({
  org,
  onDone,
  onClose,
}: {
  readonly org: string;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [granted, setGranted] = useState<Scope[]>(['webhooks:read', 'deliveries:read']);
  const [made, setMade] = useState<ApiKeyCreated | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    try {
      setMade(await postrider.organization(org).apiKeys.create({ Name: name.trim(), Scopes: granted }));
      await onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog onClose={onClose} title="Add key">
      {made === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Scopes value={granted} onChange={setGranted} />
            {error === null ? null : <Problem error={error} />}
            <Button type="submit" disabled={name.trim() === '' || granted.length === 0}>
              Make the key
            </Button>
          </Stack>
        </form>
      ) : (
        <Once what="the key" value={made.Key} />
      )}
    </Dialog>
  );
}

function MakeLink({ org, onClose }: { readonly org: string; readonly onClose: () => void }) {
  const [granted, setGranted] = useState<Scope[]>(['webhooks:write', 'deliveries:resend', 'secrets:rotate']);
  const [made, setMade] = useState<PortalLink | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    try {
      setMade(await postrider.organization(org).createPortalLink({ Scopes: granted }));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog onClose={onClose} title="Portal link">
      <Stack>
        <Text size="sm">
          Signs one end customer in to the webhooks of this organization, once, within the next hour.
        </Text>
        {made === null ? (
          <>
            <Scopes value={granted} onChange={setGranted} />
            {error === null ? null : <Problem error={error} />}
            <Button onClick={() => void make()} disabled={granted.length === 0}>
              Make the link
            </Button>
          </>
        ) : (
          <Once what="the link" value={made.Url} />
        )}
      </Stack>
    </Dialog>
  );
}
