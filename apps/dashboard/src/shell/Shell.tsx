import {
  AppShell,
  Burger,
  Group,
  Kbd,
  ScrollArea,
  Select,
  Text,
  UnstyledButton,
  VisuallyHidden,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys, useSessionStorage } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { useEffect, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useOrganizations } from '../api/queries.js';
import { useSession } from '../api/session.js';
import { Icon, Mark } from '../parts/Icon.js';
import { Palette } from './Palette.js';
import { usePlaces, type Place } from './places.js';
import { modKey, Shortcuts } from './Shortcuts.js';
import { UserMenu } from './UserMenu.js';

export interface ShellProps {
  /** Null on the pages of the installation: the menu then goes on with the organization that was looked at last. */
  readonly org: string | null;
  readonly children: ReactNode;
}

export function Shell({ org: own, children }: ShellProps) {
  const [last, setLast] = useSessionStorage<string | null>({
    key: 'postrider.organization',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const org = own ?? last;
  useEffect(() => {
    if (own !== null) setLast(own);
  }, [own, setLast]);
  const places = usePlaces(org);
  const [, navigate] = useLocation();
  const [helpOpened, help] = useDisclosure(false);
  const [menuOpened, menu] = useDisclosure(false);
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const changeTheme = (): void => setColorScheme(isDark ? 'light' : 'dark');
  useHotkeys([
    // On most keyboards it takes Shift.
    ['shift+?', help.toggle],
    ['?', help.toggle],
    ...places.map(({ keys, path }): [string, () => void] => [`shift+${keys}`, () => navigate(path)]),
  ]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 260, breakpoint: 'lg', collapsed: { desktop: true, mobile: !menuOpened } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <AppShell.Header bg="var(--card)">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="xs" wrap="nowrap" miw={0}>
            <Burger
              opened={menuOpened}
              onClick={menu.toggle}
              hiddenFrom="lg"
              size="sm"
              aria-label={menuOpened ? 'Close the menu' : 'Open the menu'}
            />
            <Link href="/" className="brand" aria-label="Postrider">
              <Mark />
              <Text component="span" inherit visibleFrom="xs">
                Postrider
              </Text>
            </Link>
            <Group component="nav" gap={1} wrap="nowrap" ml="sm" visibleFrom="lg" aria-label="Pages">
              <Links places={places} onFollow={menu.close} />
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <OrganizationSwitcher org={org} />
            <SearchButton />
            <UserMenu isDark={isDark} onTheme={changeTheme} onHelp={help.open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="md" hiddenFrom="lg" aria-label="Menu" bg="var(--card)">
        <ScrollArea>
          <nav style={{ display: 'grid', gap: '0.25rem' }} aria-label="Pages">
            <Links places={places} onFollow={menu.close} />
          </nav>
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {children}
      </AppShell.Main>
      <Palette org={org} places={places} onHelp={help.open} onTheme={changeTheme} />
      <Shortcuts places={places} opened={helpOpened} onClose={help.close} />
    </AppShell>
  );
}

function Links({ places, onFollow }: { readonly places: readonly Place[]; readonly onFollow: () => void }) {
  const [location] = useLocation();
  const link = ({ label, path }: Place) => (
    <Link
      key={path}
      href={path}
      className="nav-link"
      aria-current={location.startsWith(path) ? 'page' : undefined}
      onClick={onFollow}
    >
      {label}
    </Link>
  );
  const own = places.filter(({ admin }) => !admin);
  const admin = places.filter((place) => place.admin);
  return (
    <>
      {own.map(link)}
      {own.length > 0 && admin.length > 0 ? <span className="nav-divider" /> : null}
      {admin.map(link)}
    </>
  );
}

function SearchButton() {
  return (
    <UnstyledButton
      onClick={spotlight.open}
      h={34}
      px="xs"
      bd="1px solid var(--mantine-color-default-border)"
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    >
      <Group gap={6} wrap="nowrap" c="dimmed" h="100%">
        <Icon name="search" />
        <VisuallyHidden>Search pages and webhooks</VisuallyHidden>
        <Kbd size="xs" visibleFrom="xs" aria-hidden="true">
          {modKey} K
        </Kbd>
      </Group>
    </UnstyledButton>
  );
}

function OrganizationSwitcher({ org }: { readonly org: string | null }) {
  const session = useSession();
  const [, navigate] = useLocation();
  const { data } = useOrganizations(session.Kind === 'admin');
  if (session.Kind !== 'admin') {
    return (
      <Text component="bdi" size="sm" fw={500} truncate maw={180}>
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
      allowDeselect={false}
      w={{ base: 140, sm: 180 }}
      size="sm"
      data={data.map(({ Id, Name }) => ({ value: Id, label: Name }))}
      value={org}
      onChange={(id) => {
        if (id !== null) navigate(`/o/${id}/webhooks`);
      }}
    />
  );
}
