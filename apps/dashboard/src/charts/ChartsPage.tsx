import { Stack, Title } from '@mantine/core';
import { Charts } from './Charts.js';

export function ChartsPage({ org }: { readonly org: string }) {
  return (
    <Stack>
      <Title order={1} size="h2">
        Charts
      </Title>
      <Charts org={org} />
    </Stack>
  );
}
