import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import type { Place } from './places.js';

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
/** The key that browsers call "mod": ⌘ or Ctrl. */
export const modKey = isApple ? '⌘' : 'Ctrl';

interface Shortcut {
  readonly keys: readonly string[];
  readonly what: string;
}

export function Shortcuts({
  places,
  opened,
  onClose,
}: {
  readonly places: readonly Place[];
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const groups: readonly (readonly [string, readonly Shortcut[]])[] = [
    [
      'Everywhere',
      [
        { keys: [modKey, 'K'], what: 'Search pages and webhooks' },
        { keys: ['?'], what: 'This list' },
        { keys: ['Esc'], what: 'Close what is open' },
      ],
    ],
    ['Go to', places.map(({ keys, label }) => ({ keys: ['Shift', keys.toUpperCase()], what: label }))],
    [
      'In the delivery log',
      [
        { keys: ['J'], what: 'Next delivery (or ↓)' },
        { keys: ['K'], what: 'Previous delivery (or ↑)' },
        { keys: ['Enter'], what: 'Open the delivery' },
      ],
    ],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <Stack gap="lg">
        {groups.map(([name, shortcuts]) => (
          <Stack key={name} gap={6}>
            <Text size="sm" fw={600} c="dimmed">
              {name}
            </Text>
            {shortcuts.map(({ keys, what }) => (
              <Group key={what} justify="space-between" wrap="nowrap">
                <Text>{what}</Text>
                <Group gap={4} wrap="nowrap">
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Group>
            ))}
          </Stack>
        ))}
      </Stack>
    </Modal>
  );
}
