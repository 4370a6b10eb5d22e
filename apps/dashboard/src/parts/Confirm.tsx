import { Button, Group, Stack } from '@mantine/core';
import { Dialog } from './Dialog.js';
import { useState, type ReactNode } from 'react';
import { Problem } from './Feedback.js';

export interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** What is done; the dialog closes when it has worked, and tells why when not. */
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function Confirm({
  title,
  children,
  confirm,
  danger = false,
  disabled = false,
  act,
  onClose,
}: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !busy) void run();
        }}
      >
        <Stack>
          {children}
          {error === null ? null : <Problem error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={disabled} {...(danger ? { color: 'red' } : {})}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
