import { ActionIcon, Group, Menu, Kbd } from '@mantine/core';
import { useSession, useSignOut } from '../api/session.js';
import { Icon } from '../parts/Icon.js';

export function UserMenu({
  isDark,
  onTheme,
  onHelp,
}: {
  readonly isDark: boolean;
  readonly onTheme: () => void;
  readonly onHelp: () => void;
}) {
  const session = useSession();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="default" size={34} aria-label="Settings and sign out">
          <Icon name="user" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled c="dimmed" fz="xs" style={{ opacity: 1 }}>
          {session.Kind === 'admin'
            ? 'Signed in with the admin key'
            : `Signed in to ${session.OrganizationName ?? 'an organization'}`}
        </Menu.Item>
        <Menu.Item onClick={onTheme}>{isDark ? 'Light theme' : 'Dark theme'}</Menu.Item>
        <Menu.Item onClick={onHelp}>
          <Group justify="space-between" wrap="nowrap">
            Keyboard shortcuts <Kbd size="xs">?</Kbd>
          </Group>
        </Menu.Item>
        <Menu.Item component="a" href="/docs" target="_blank" rel="noreferrer">
          API reference
        </Menu.Item>
        <Menu.Divider role="separator" />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
