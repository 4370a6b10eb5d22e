import { Button, Card, Group, Table, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Time } from '../parts/Time.js';

export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly { readonly at: number; readonly cells: readonly ReactNode[] }[];
}

/** A picture, and the same as a table for who can't see it or wants the figures. */
export function Chart({
  title,
  about,
  head,
  rows,
  children,
}: ChartTable & {
  readonly title: string;
  readonly about?: string | undefined;
  readonly children: ReactNode;
}) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Card withBorder bg="var(--card)" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="sm" wrap="nowrap">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          {about === undefined ? null : (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        <Button size="xs" variant="default" flex="none" onClick={() => setAsTable((shown) => !shown)}>
          {asTable ? 'Show the chart' : 'Show as a table'}
        </Button>
      </Group>
      {asTable ? <ChartRows head={head} rows={rows} /> : children}
    </Card>
  );
}

function ChartRows({ head, rows }: ChartTable) {
  return (
    <Table.ScrollContainer minWidth={300} mah={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {['Time', ...head].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ at, cells }) => (
            <Table.Tr key={at}>
              <Table.Td>
                <Time at={at} />
              </Table.Td>
              {head.map((name, column) => (
                <Table.Td key={name}>{cells[column]}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
