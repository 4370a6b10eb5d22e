import { Anchor, Group, Stack, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import type { Webhook } from '@postrider/contracts';
import {
  createColumnHelper,
  flexRender,
  getCoreRowModel,
  getFilteredRowModel,
  getSortedRowModel,
  useReactTable,
  type Header,
} from '@tanstack/react-table';
import { useState } from 'react';
import { Link } from 'wouter';
import { useStats } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { Empty } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { Sparkline } from '../parts/Sparkline.js';
import { WebhookStateBadge, whyState } from '../parts/State.js';
import { Time } from '../parts/Time.js';
import { hostOf, webhookName } from './webhook-name.js';
import { typeTexts } from './webhook-types.js';
import { WebhookActions } from './WebhookActions.js';

const column = createColumnHelper<Webhook>();
const shownTopics = 2;

function columnsOf(org: string) {
  return [
    column.accessor((webhook) => webhookName(webhook).toLowerCase(), {
      id: 'name',
      header: 'Webhook',
      cell: ({ row: { original } }) => <Name org={org} webhook={original} />,
    }),
    column.accessor('State', {
      header: 'State',
      cell: ({ row: { original } }) => (
        <Stack gap={2} align="flex-start">
          <WebhookStateBadge webhook={original} />
          {whyState(original) === null ? null : (
            <Text size="xs" c="dimmed" maw={240}>
              {whyState(original)}
            </Text>
          )}
        </Stack>
      ),
    }),
    column.display({
      id: 'topics',
      header: 'Topics',
      cell: ({ row: { original } }) => <Topics topics={original.Topics} />,
    }),
    column.display({
      id: 'activity',
      header: 'Last 24 hours',
      cell: ({ row: { original } }) => <Activity org={org} id={original.Id} />,
    }),
    column.accessor((webhook) => webhook.LastFailedAt ?? undefined, {
      id: 'failed',
      header: 'Last failure',
      sortUndefined: 'last',
      sortDescFirst: true,
      cell: ({ row: { original } }) =>
        original.LastFailedAt === null ? (
          <Text size="sm" c="dimmed">
            none
          </Text>
        ) : (
          <Time at={original.LastFailedAt} ago size="sm" />
        ),
    }),
    column.display({
      id: 'actions',
      header: '',
      cell: ({ row: { original } }) => <WebhookActions org={org} webhook={original} />,
    }),
  ];
}

function Name({ org, webhook }: { readonly org: string; readonly webhook: Webhook }) {
  const where = hostOf(webhook);
  const type = webhook.Type === 'webhook' ? '' : `${typeTexts[webhook.Type].label} · `;
  return (
    <Stack gap={0} maw={320}>
      <Anchor component={Link} href={`/o/${org}/webhooks/${webhook.Id}`} fw={600}>
        <bdi>{webhookName(webhook)}</bdi>
      </Anchor>
      <Text size="xs" c="dimmed" truncate>
        {type}
        <bdi>{where}</bdi>
      </Text>
    </Stack>
  );
}

function Topics({ topics }: { readonly topics: readonly string[] }) {
  const more = topics.length - shownTopics;
  return (
    <Stack gap={3} align="flex-start" maw={220}>
      {topics.slice(0, shownTopics).map((topic) => (
        <span key={topic} className="tag">
          {topic === '*' ? 'all topics' : topic}
        </span>
      ))}
      {more > 0 ? (
        <Text size="xs" c="dimmed" title={topics.join(', ')}>
          and {more} more
        </Text>
      ) : null}
    </Stack>
  );
}

/** Attempts by hour, and what waits. */
function Activity({ org, id }: { readonly org: string; readonly id: string }) {
  const may = useMay('deliveries:read');
  return may ? <ActivityOf org={org} id={id} /> : <>–</>;
}

function ActivityOf({ org, id }: { readonly org: string; readonly id: string }) {
  const { data } = useStats(org, { webhookId: id, hours: 24 });
  // As high as what comes, so that rows don't jump.
  if (data === undefined) return <div style={{ height: 28 }} />;
  const { Pending, Held } = data.Deliveries;
  const waiting = [Pending > 0 ? `${Pending} pending` : '', Held > 0 ? `${Held} held` : ''].filter(Boolean);
  return (
    <Stack gap={0}>
      <Sparkline stats={data} />
      {waiting.length === 0 ? null : (
        <Text size="xs" c="dimmed">
          {waiting.join(', ')}
        </Text>
      )}
    </Stack>
  );
}

export function WebhookTable({ org, webhooks }: { readonly org: string; readonly webhooks: Webhook[] }) {
  const [search, setSearch] = useState('');
  const [columns] = useState(() => columnsOf(org));
  const table = useReactTable({
    data: webhooks,
    columns,
    state: { globalFilter: search },
    onGlobalFilterChange: setSearch,
    globalFilterFn: ({ original }, _column, text: string) =>
      [original.Alias, original.Url, original.Email, original.Id, ...original.Topics].some((value) =>
        value?.toLowerCase().includes(text.toLowerCase()),
      ),
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
        leftSection={<Icon name="search" />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maw={420}
      />
      {rows.length === 0 ? <Empty title={`No webhook matches “${search}”`}>{null}</Empty> : null}
      {rows.length === 0 ? null : (
        <div className="table-card" data-narrow="cards">
          <Table verticalSpacing="sm" highlightOnHover>
            <Table.Thead>
              {table.getHeaderGroups().map((group) => (
                <Table.Tr key={group.id}>
                  {group.headers.map((header) => (
                    <HeaderCell key={header.id} header={header} />
                  ))}
                </Table.Tr>
              ))}
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.id}>
                  {row.getVisibleCells().map((cell) => (
                    <Table.Td key={cell.id} {...narrowPlace(cell.column.id, cell.column.columnDef.header)}>
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </>
  );
}

/** On a phone: the name on top, the actions beside it, the rest below with its label. */
function narrowPlace(id: string, header: unknown): Record<string, string> {
  if (id === 'actions') return { 'data-corner': '' };
  return id === 'name' ? {} : { 'data-label': String(header) };
}

const sortWords = { asc: 'ascending', desc: 'descending' } as const;

function HeaderCell({ header }: { readonly header: Header<Webhook, unknown> }) {
  const { column: of } = header;
  const text = flexRender(of.columnDef.header, header.getContext());
  if (header.id === 'actions') return <Table.Td style={{ background: 'var(--page)' }} />;
  if (!of.getCanSort()) return <Table.Th scope="col">{text}</Table.Th>;
  const sorted = of.getIsSorted();
  return (
    <Table.Th scope="col" aria-sort={sorted === false ? 'none' : sortWords[sorted]}>
      <UnstyledButton fz="inherit" fw="inherit" c="inherit" onClick={of.getToggleSortingHandler()}>
        <Group component="span" gap={4} wrap="nowrap">
          {text}
          <span aria-hidden="true">{sorted === 'asc' ? '↑' : sorted === 'desc' ? '↓' : ''}</span>
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}
