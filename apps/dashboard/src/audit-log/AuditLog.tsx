import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import type { AuditEntry } from '@postrider/contracts';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAuditLog, useWebhooks } from '../api/queries.js';
import { useMay } from '../api/session.js';
import { DataTable } from '../parts/DataTable.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Time } from '../parts/Time.js';
import { webhookName } from '../webhooks/webhook-name.js';
import { actionText, changesOf, nameOf } from './audit-words.policy.js';

/** Of an organization; of the installation (organizations, topics) where `org` is null. */
export function AuditLog({ org }: { readonly org: string | null }) {
  const log = useAuditLog(org);
  const names = useWebhookNames(org);
  const rows = log.data?.pages.flatMap((page) => page.Data) ?? [];
  return (
    <Stack>
      {log.error === null ? null : <Problem error={log.error} retry={() => void log.refetch()} />}
      {log.isPending ? <Loading /> : null}
      {log.data !== undefined && rows.length === 0 ? (
        <Empty title="Nothing was changed yet">
          <Text c="dimmed">Every change of the configuration is noted here from now on.</Text>
        </Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <DataTable head={['When', 'Who', 'What', 'Changes']} minWidth={860} narrow="cards">
          {rows.map((entry) => (
            <Entry
              key={entry.Id}
              org={org}
              entry={entry}
              name={nameOf(entry) ?? names.get(entry.Resource.Id) ?? entry.Resource.Id}
            />
          ))}
        </DataTable>
      )}
      {log.hasNextPage ? (
        <Group justify="center">
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}

/** An entry has only what has changed, which the name seldom is. */
function useWebhookNames(org: string | null): ReadonlyMap<string, string> {
  const may = useMay('webhooks:read');
  const { data } = useWebhooks(org ?? '', may && org !== null);
  return new Map(data?.map((webhook) => [webhook.Id, webhookName(webhook)]));
}

function Entry({
  org,
  entry,
  name,
}: {
  readonly org: string | null;
  readonly entry: AuditEntry;
  readonly name: string;
}) {
  const { Actor: actor, Resource: resource } = entry;
  const isThere = org !== null && resource.Type === 'webhook' && entry.Action !== 'webhook.deleted';
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td data-label="When" style={{ whiteSpace: 'nowrap' }}>
        <Time at={entry.CreatedAt} size="sm" />
      </Table.Td>
      <Table.Td data-label="Who">
        {actor.Type === 'AdminKey' ? (
          'Admin key'
        ) : (
          <span>
            Key <span className="mono">{actor.Prefix}…</span>
          </span>
        )}
      </Table.Td>
      <Table.Td data-label="What">
        <Stack gap={0}>
          <Text fw={500}>{actionText(entry.Action)}</Text>
          {isThere ? (
            <Anchor component={Link} href={`/o/${org}/webhooks/${resource.Id}`} size="sm">
              <bdi>{name}</bdi>
            </Anchor>
          ) : (
            <Text size="sm" c="dimmed" className="breakable">
              <bdi>{name}</bdi>
            </Text>
          )}
        </Stack>
      </Table.Td>
      <Table.Td data-label="Changes">
        <Changes entry={entry} />
      </Table.Td>
    </Table.Tr>
  );
}

const shownAtFirst = 3;

function Changes({ entry }: { readonly entry: AuditEntry }) {
  const [all, setAll] = useState(false);
  const changes = changesOf(entry);
  if (changes.length === 0) return null;
  const shown = all ? changes : changes.slice(0, shownAtFirst);
  return (
    <Stack gap={2} align="flex-start">
      {shown.map(({ field, before, after }) => (
        <Text key={field} size="sm" className="breakable">
          <b>{field}</b>{' '}
          {before === null ? null : (
            <>
              <del className="was">
                <bdi>{before}</bdi>
              </del>{' '}
              →{' '}
            </>
          )}
          <bdi>{after ?? 'removed'}</bdi>
        </Text>
      ))}
      {changes.length > shownAtFirst ? (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll((now) => !now)}>
          {all ? 'Show less' : `Show all ${changes.length}`}
        </Anchor>
      ) : null}
    </Stack>
  );
}
