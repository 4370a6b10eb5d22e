// A form in a dialog: its frame with the buttons in sight, and what saving it takes.
import { Button, Group, Stack } from '@mantine/core';
import { Dialog } from './Dialog.js';
import { PostriderApiError } from '@postrider/client';
import type { FieldError } from '@postrider/contracts';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Problem } from './Feedback.js';

export interface FormDialogProps {
  readonly title: string;
  readonly confirm: string;
  readonly saving: Pick<Saving<unknown>, 'busy' | 'error'>;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FormDialog({ title, confirm, saving, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog onClose={onClose} size="lg" title={title}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          {children}
          {saving.error === null ? null : <Problem error={saving.error} />}
          <Group justify="flex-end" className="dialog-foot">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={saving.busy}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Field name → words. */
export type FieldProblems = Readonly<Record<string, string>>;

export interface Saving<Fields> {
  readonly busy: boolean;
  /** What went wrong, where it is not about a field. */
  readonly error: unknown;
  readonly save: (fields: Fields) => Promise<void>;
}

/** Saves by `send`, which closes the form; what the API finds wrong with fields goes to `show`. */
export function useSaving<Fields>(
  send: (fields: Fields) => Promise<void>,
  show: (problems: FieldProblems) => void,
): Saving<Fields> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (fields: Fields): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await send(fields);
    } catch (failure) {
      const problems = failure instanceof PostriderApiError ? fieldProblems(failure.errors) : {};
      show(problems);
      if (Object.keys(problems).length === 0) setError(failure);
      setBusy(false);
    }
  };
  return { busy, error, save };
}

function fieldProblems(errors: readonly FieldError[]): FieldProblems {
  const problems: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const name = pointer?.split('/')[1];
    if (name !== undefined) problems[name] ??= detail.charAt(0).toUpperCase() + detail.slice(1);
  }
  return problems;
}
