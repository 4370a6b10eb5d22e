import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface DataTableProps {
  /** Names of the columns; an empty one is a column of buttons. */
  readonly head: readonly string[];
  /** Narrower, it scrolls sideways: by the keyboard too. */
  readonly minWidth: number;
  /** `cards`: on a phone every row becomes a card (cells name their column by `data-label`). */
  readonly narrow?: 'cards' | 'scroll';
  readonly children: ReactNode;
}

export function DataTable({ head, minWidth, narrow = 'scroll', children }: DataTableProps) {
  const table = (
    <Table verticalSpacing="sm" highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          {head.map((name, index) =>
            name === '' ? (
              <Table.Td key={index} style={{ background: 'var(--page)' }} />
            ) : (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ),
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  );
  return (
    <div className="table-card" data-narrow={narrow}>
      {narrow === 'cards' ? (
        table
      ) : (
        <Table.ScrollContainer minWidth={minWidth} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          {table}
        </Table.ScrollContainer>
      )}
    </div>
  );
}

/** Names and values, one below the other. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <div className="table-card">
      <Table className="facts" verticalSpacing="xs">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={{ base: 130, sm: 220 }}>
                {name}
              </Table.Th>
              <Table.Td className="breakable">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
