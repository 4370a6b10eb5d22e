import {
  ActionIcon,
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { scopes, type ApiKey, type ApiKeyCreated, type PortalLink } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, organizationPath } from '../api/client.js';
import { useApiKeys } from '../api/queries.js';
import { Confirm } from '../parts/Confirm.js';
import { Copy, Empty, Loading, Problem } from '../parts/Feedback.js';
import { Time } from '../parts/Time.js';

export function KeysPage({ org }: { readonly org: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useApiKeys(org);
  const [dialog, setDialog] = useState<'key' | 'link' | null>(null);
  const [deleted, setDeleted] = useState<ApiKey | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: [org, 'api-keys'] });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          API keys
        </Title>
        <Group gap="xs">
          <Button variant="default" onClick={() => setDialog('link')}>
            Portal link
          </Button>
          <Button onClick={() => setDialog('key')}>Add key</Button>
        </Group>
      </Group>
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="No keys yet">
          <Text>A key lets a program do what its scopes say, in this organization alone.</Text>
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
          act={() => call('DELETE', `${organizationPath(org)}/api-keys/${deleted.Id}`).then(renew)}
        >
          <Text>It stops working at once, and so do the sessions and portal links that came of it.</Text>
        </Confirm>
      )}
    </Stack>
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
    <Table.ScrollContainer minWidth={700} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {['Name', 'Begins with', 'Scopes', 'Last used', 'Expires'].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.Id}>
              <Table.Td>{key.Name}</Table.Td>
              <Table.Td className="mono">{key.Prefix}…</Table.Td>
              <Table.Td>{key.Scopes.join(', ')}</Table.Td>
              <Table.Td>
                <Time at={key.LastUsedAt} ago />
              </Table.Td>
              <Table.Td>{key.ExpiresAt === null ? 'never' : <Time at={key.ExpiresAt} />}</Table.Td>
              <Table.Td>
                <ActionIcon
                  variant="default"
                  size="lg"
                  aria-label={`Delete the key ${key.Name}`}
                  onClick={() => onDelete(key)}
                >
                  <span aria-hidden="true">✕</span>
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Scopes({
  value,
  onChange,
}: {
  readonly value: string[];
  readonly onChange: (scopes: string[]) => void;
}) {
  return (
    <Checkbox.Group label="What it may do" value={value} onChange={onChange}>
      <Stack gap={6} mt={6}>
        {scopes.map((scope) => (
          <Checkbox key={scope} value={scope} label={scope} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function Once({ what, value }: { readonly what: string; readonly value: string }) {
  return (
    <Alert variant="default" title={`Copy ${what} now: it is shown this once`}>
      <Group gap="xs" wrap="nowrap">
        <Text className="mono" style={{ overflowWrap: 'anywhere' }}>
          {value}
        </Text>
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
  const [granted, setGranted] = useState<string[]>(['webhooks:read', 'deliveries:read']);
  const [made, setMade] = useState<ApiKeyCreated | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    try {
      const body = { Name: name.trim(), Scopes: granted };
      setMade(await call<ApiKeyCreated>('POST', `${organizationPath(org)}/api-keys`, body));
      await onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Add key" closeButtonProps={{ 'aria-label': 'Close' }}>
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
    </Modal>
  );
}

function MakeLink({ org, onClose }: { readonly org: string; readonly onClose: () => void }) {
  const [granted, setGranted] = useState<string[]>(['webhooks:write', 'deliveries:resend', 'secrets:rotate']);
  const [made, setMade] = useState<PortalLink | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    try {
      setMade(await call<PortalLink>('POST', `${organizationPath(org)}/portal-links`, { Scopes: granted }));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Portal link" closeButtonProps={{ 'aria-label': 'Close' }}>
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
    </Modal>
  );
}
