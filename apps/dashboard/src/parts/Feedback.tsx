import { ActionIcon, Alert, Button, Center, CopyButton, Loader, Stack, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { PostriderApiError, PostriderUnreachableError } from '@postrider/client';
import type { ReactNode } from 'react';
import { Icon } from './Icon.js';

const nextSteps: Readonly<Record<string, string>> = {
  unauthorized: 'Sign in again.',
  scope_missing: 'Ask whoever gave you the key for one with that scope.',
  csrf_token_missing: 'Load this page anew.',
  rate_limited: 'Wait a moment, then try again.',
  unavailable: 'Try again in a moment; what was accepted before is safe.',
  unknown: 'Try again in a moment.',
  version_mismatch: 'Somebody else changed it: load it anew and repeat your change.',
};

export function messageOf(error: unknown): string {
  if (error instanceof PostriderUnreachableError) {
    return 'Postrider could not be reached. Check the connection and try again.';
  }
  if (!(error instanceof PostriderApiError)) return error instanceof Error ? error.message : String(error);
  const next = nextSteps[error.code];
  const request =
    error.code === 'internal' && error.requestId !== null ? ` Request id: ${error.requestId}` : '';
  return `${error.message}${next === undefined ? '' : `. ${next}`}${request}`;
}

/** What went wrong, and what to do about it. */
export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  return (
    <Alert color="red" variant="outline" role="alert" title="That did not work" bg="var(--card)">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{messageOf(error)}</Text>
        {retry === undefined ? null : (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

export function Loading() {
  return (
    <Center p="xl" role="status" aria-label="Loading">
      <Loader size="sm" />
    </Center>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Center className="card" px="lg" py={56}>
      <Stack align="center" gap="sm" maw={520} ta="center">
        <Text fw={650} size="lg">
          {title}
        </Text>
        {children}
      </Stack>
    </Center>
  );
}

/** Something that a person should know or do about what stands below it. */
export function Notice({
  tone,
  children,
  action,
}: {
  readonly tone: 'wait' | 'bad' | 'quiet';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="notice" data-tone={tone}>
      <div style={{ flex: '1 1 16rem' }}>{children}</div>
      {action}
    </div>
  );
}

export function tellDone(message: string): void {
  notifications.show({ message, color: 'green' });
}

export function tellProblem(error: unknown): void {
  notifications.show({
    title: 'That did not work',
    message: messageOf(error),
    color: 'red',
    autoClose: 12_000,
  });
}

export function Copy({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${what}`}
          >
            <Icon name={copied ? 'check' : 'copy'} />
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
