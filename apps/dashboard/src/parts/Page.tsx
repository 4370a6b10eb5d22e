import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** What every page begins with: its name, what it is for, and what can be done. */
export function Page({
  title,
  about,
  actions,
  children,
}: {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Stack className="page" gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} miw={0} maw={820}>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about === undefined ? null : (
            <Text size="md" c="dimmed">
              {about}
            </Text>
          )}
        </Stack>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
