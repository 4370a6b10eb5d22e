import {
  ActionIcon,
  Anchor,
  AppShell,
  Burger,
  Group,
  Kbd,
  Menu,
  Modal,
  ScrollArea,
  Select,
  Table,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Spotlight, spotlight } from '@mantine/spotlight';
import type { Scope } from '@postrider/contracts';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useOrganizations } from '../api/queries.js';
import { useMay, useSession, useSignOut } from '../api/session.js';

interface Place {
  readonly label: string;
  readonly path: string;
  readonly keys: string;
}

/** The pages of an organization that the signed-in may see. */
function usePlaces(org: string | null): Place[] {
  const session = useSession();
  const may: Partial<Record<Scope, boolean>> = {
    'webhooks:read': useMay('webhooks:read'),
    'deliveries:read': useMay('deliveries:read'),
    'keys:manage': useMay('keys:manage'),
  };
  const places: Place[] = [];
  const add = (scope: Scope, label: string, page: string, keys: string): void => {
    if (may[scope] === true) places.push({ label, path: `/o/${org}/${page}`, keys });
  };
  if (org !== null) {
    add('webhooks:read', 'Webhooks', 'webhooks', 'w');
    add('deliveries:read', 'Deliveries', 'deliveries', 'd');
    add('deliveries:read', 'Charts', 'charts', 'c');
    add('deliveries:read', 'Events', 'events', 'e');
    add('webhooks:read', 'Topics', 'topics', 't');
    add('keys:manage', 'API keys', 'keys', 'k');
  }
  if (session.Kind === 'admin') {
    places.push({ label: 'Organizations', path: '/admin/organizations', keys: 'o' });
    places.push({ label: 'System', path: '/admin/system', keys: 's' });
  }
  return places;
}

export function Shell({ org, children }: { readonly org: string | null; readonly children: ReactNode }) {
  const places = usePlaces(org);
  const [location, navigate] = useLocation();
  const [helpOpened, help] = useDisclosure(false);
  const [menuOpened, menu] = useDisclosure(false);
  useHotkeys([
    ['shift+?', help.toggle],
    ...places.map(({ keys, path }): [string, () => void] => [`shift+${keys}`, () => navigate(path)]),
  ]);
  const links = places.map(({ label, path }) => (
    <Link
      key={path}
      href={path}
      className="nav-link"
      aria-current={location.startsWith(path) ? 'page' : undefined}
      onClick={menu.close}
    >
      {label}
    </Link>
  ));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'md', collapsed: { desktop: true, mobile: !menuOpened } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={menuOpened}
              onClick={menu.toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={menuOpened ? 'Close the menu' : 'Open the menu'}
            />
            <Anchor component={Link} href="/" underline="never" c="inherit" fw={700} visibleFrom="xs">
              Postrider
            </Anchor>
            <Group component="nav" gap={2} wrap="nowrap" visibleFrom="md" aria-label="Pages">
              {links}
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <OrganizationSwitcher org={org} />
            <Tooltip label="Search pages (Ctrl K)">
              <ActionIcon variant="default" size="lg" aria-label="Search pages" onClick={spotlight.open}>
                <span aria-hidden="true">⌕</span>
              </ActionIcon>
            </Tooltip>
            <UserMenu onHelp={help.open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="md" hiddenFrom="md" aria-label="Menu">
        <ScrollArea>
          <nav style={{ display: 'grid', gap: '0.25rem' }} aria-label="Pages">
            {links}
          </nav>
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {children}
      </AppShell.Main>
      <Spotlight
        actions={places.map(({ label, path }) => ({ id: path, label, onClick: () => navigate(path) }))}
        nothingFound="There is no such page"
        searchProps={{ placeholder: 'Go to …', 'aria-label': 'Go to' }}
        shortcut="mod + K"
      />
      <Modal
        opened={helpOpened}
        onClose={help.close}
        title="Shortcuts"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Shortcuts places={places} />
      </Modal>
    </AppShell>
  );
}

function Shortcuts({ places }: { readonly places: readonly Place[] }) {
  const rows: readonly (readonly [string, string])[] = [
    ['?', 'this list'],
    ['Ctrl K or ⌘K', 'go to a page'],
    ...places.map(({ keys, label }): [string, string] => [`Shift ${keys.toUpperCase()}`, label]),
    ['↓ or j, ↑ or k', 'in the log: the next, the previous delivery'],
    ['Enter', 'in the log: open the delivery'],
    ['Esc', 'close what is open'],
  ];
  return (
    <Table>
      <Table.Tbody>
        {rows.map(([keys, what]) => (
          <Table.Tr key={what}>
            <Table.Th>
              <Kbd>{keys}</Kbd>
            </Table.Th>
            <Table.Td>{what}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function OrganizationSwitcher({ org }: { readonly org: string | null }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const { data } = useOrganizations(session.Kind === 'admin');
  if (session.Kind !== 'admin') {
    return (
      <Text size="sm" fw={500} truncate maw={180}>
        {session.OrganizationName}
      </Text>
    );
  }
  if (data === undefined || data.length === 0) return null;
  return (
    <Select
      aria-label="Organization"
      placeholder="Organization"
      searchable
      w={{ base: 130, sm: 190 }}
      data={data.map(({ Id, Name }) => ({ value: Id, label: Name }))}
      value={org}
      onChange={(id) => {
        if (id !== null) navigate(`/o/${id}/webhooks`);
      }}
    />
  );
}

function UserMenu({ onHelp }: { readonly onHelp: () => void }) {
  const session = useSession();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Settings and sign out">
          <span aria-hidden="true">☰</span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label c="var(--mantine-color-dimmed)">
          {session.Kind === 'admin' ? 'Signed in with the admin key' : 'Signed in'}
        </Menu.Label>
        <Menu.Item onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
          {scheme === 'dark' ? 'Light theme' : 'Dark theme'}
        </Menu.Item>
        <Menu.Item onClick={onHelp}>Shortcuts (?)</Menu.Item>
        <Menu.Item component="a" href="/docs" target="_blank" rel="noreferrer">
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
