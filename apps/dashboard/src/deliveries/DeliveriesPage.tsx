import { Stack, Title } from '@mantine/core';
import { DeliveryLog } from './DeliveryLog.js';

export function DeliveriesPage({ org }: { readonly org: string }) {
  return (
    <Stack>
      <Title order={1} size="h2">
        Deliveries
      </Title>
      <DeliveryLog org={org} />
    </Stack>
  );
}
