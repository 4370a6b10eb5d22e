import { Alert, Anchor, Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import type { Webhook, WebhookWithSecret } from '@postrider/contracts';
import {
  createColumnHelper,
  flexRender,
  getCoreRowModel,
  getFilteredRowModel,
  getSortedRowModel,
  useReactTable,
} from '@tanstack/react-table';
import { useState } from 'react';
import { Link } from 'wouter';
import { useStats, useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Sparkline } from '../parts/Sparkline.js';
import { WebhookStateBadge, whyState } from '../parts/State.js';
import { Time } from '../parts/Time.js';
import { SecretDialog } from './SecretDialog.js';
import { WebhookActions } from './WebhookActions.js';
import { WebhookForm } from './WebhookForm.js';

export function hostOf(webhook: Webhook): string {
  if (webhook.Email !== null) return webhook.Email;
  return webhook.Url !== null && URL.canParse(webhook.Url) ? new URL(webhook.Url).host : '–';
}

const column = createColumnHelper<Webhook>();

function columnsOf(org: string) {
  return [
    column.accessor((webhook) => webhook.Alias ?? hostOf(webhook), {
      id: 'name',
      header: 'Webhook',
      cell: ({ row: { original }, getValue }) => (
        <Stack gap={0}>
          <Anchor component={Link} href={`/o/${org}/webhooks/${original.Id}`} fw={600}>
            {getValue()}
          </Anchor>
          <Text size="xs" c="dimmed">
            {original.Type === 'webhook' ? hostOf(original) : `${original.Type} · ${hostOf(original)}`}
          </Text>
        </Stack>
      ),
    }),
    column.accessor((webhook) => webhook.Topics.join(', '), {
      id: 'topics',
      header: 'Topics',
      cell: ({ getValue }) => (
        <Text size="sm" lineClamp={2} maw={260}>
          {getValue()}
        </Text>
      ),
    }),
    column.accessor('State', {
      header: 'State',
      cell: ({ row: { original } }) => (
        <Stack gap={2} align="flex-start">
          <WebhookStateBadge webhook={original} />
          {whyState(original) === null ? null : (
            <Text size="xs" c="dimmed" maw={220}>
              {whyState(original)}
            </Text>
          )}
        </Stack>
      ),
    }),
    column.display({
      id: 'activity',
      header: 'Last 24 hours',
      cell: ({ row: { original } }) => <Activity org={org} id={original.Id} />,
    }),
    column.accessor('LastFailedAt', {
      header: 'Last failure',
      sortUndefined: 'last',
      cell: ({ getValue }) => <Time at={getValue()} ago size="sm" />,
    }),
    column.display({
      id: 'actions',
      header: '',
      cell: ({ row: { original } }) => <WebhookActions org={org} webhook={original} />,
    }),
  ];
}

/** Attempts by hour, and what waits. */
function Activity({ org, id }: { readonly org: string; readonly id: string }) {
  const may = useMay('deliveries:read');
  return may ? <ActivityOf org={org} id={id} /> : <>–</>;
}

function ActivityOf({ org, id }: { readonly org: string; readonly id: string }) {
  const { data } = useStats(org, { webhookId: id, hours: 24 });
  if (data === undefined) return null;
  const { Pending, Held } = data.Deliveries;
  const waiting = [Pending > 0 ? `${Pending} pending` : '', Held > 0 ? `${Held} held` : ''].filter(Boolean);
  return (
    <Stack gap={0}>
      <Sparkline stats={data} />
      {waiting.length === 0 ? null : <Text size="xs">{waiting.join(', ')}</Text>}
    </Stack>
  );
}

export function WebhooksPage({ org }: { readonly org: string }) {
  const { data, error, refetch } = useWebhooks(org);
  const mayWrite = useMay('webhooks:write');
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<WebhookWithSecret | null>(null);
  const add = mayWrite ? <Button onClick={() => setAdding(true)}>Add webhook</Button> : null;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Webhooks
        </Title>
        {data !== undefined && data.length > 0 ? add : null}
      </Group>
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data?.length === 0 ? (
        <Empty title="Hear of what happens, as it happens">
          <Text>
            A webhook is an address of yours. Each time something happens that it wants to hear of, it gets a
            signed POST, again and again until it answers 2xx; every attempt is on record here.
          </Text>
          {add ?? (
            <Text c="dimmed">Your key may look but not add one: ask for the scope webhooks:write.</Text>
          )}
        </Empty>
      ) : null}
      {data !== undefined && data.length > 0 ? <WebhookTable org={org} webhooks={data} /> : null}
      {adding ? (
        <WebhookForm
          org={org}
          webhook={null}
          onClose={() => setAdding(false)}
          onDone={(webhook) => {
            setAdding(false);
            if ('SigningSecret' in webhook && webhook.SigningSecret !== null) setMade(webhook);
          }}
        />
      ) : null}
      {made?.SigningSecret == null ? null : (
        <SecretDialog
          title={`${made.Alias ?? hostOf(made)} is set up`}
          secret={made.SigningSecret}
          onClose={() => setMade(null)}
        />
      )}
    </Stack>
  );
}

function WebhookTable({ org, webhooks }: { readonly org: string; readonly webhooks: Webhook[] }) {
  const [search, setSearch] = useState('');
  const [columns] = useState(() => columnsOf(org));
  const table = useReactTable({
    data: webhooks,
    columns,
    state: { globalFilter: search },
    onGlobalFilterChange: setSearch,
    globalFilterFn: (row, _column, text: string) =>
      [
        row.original.Alias,
        row.original.Url,
        row.original.Email,
        row.original.Id,
        ...row.original.Topics,
      ].some((value) => value?.toLowerCase().includes(text.toLowerCase())),
    getCoreRowModel: getCoreRowModel(),
    getFilteredRowModel: getFilteredRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const { rows } = table.getRowModel();
  return (
    <>
      <TextInput
        type="search"
        aria-label="Search webhooks"
        placeholder="Search by nickname, URL or topic"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maw={420}
      />
      {rows.length === 0 ? <Alert variant="outline">No webhook matches “{search}”.</Alert> : null}
      <Table.ScrollContainer minWidth={820} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead>
            {table.getHeaderGroups().map((group) => (
              <Table.Tr key={group.id}>
                {group.headers.map((header) =>
                  header.id === 'actions' ? (
                    <Table.Td key={header.id} />
                  ) : (
                    <Table.Th key={header.id} scope="col">
                      {flexRender(header.column.columnDef.header, header.getContext())}
                    </Table.Th>
                  ),
                )}
              </Table.Tr>
            ))}
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                {row.getVisibleCells().map((cell) => (
                  <Table.Td key={cell.id}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
