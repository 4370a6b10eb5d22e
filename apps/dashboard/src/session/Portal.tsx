import { Button, Container, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useSignIn } from '../api/session.js';
import { Problem } from '../parts/Feedback.js';

/** Where portal links lead. A click uses the link up, not a mere look at it by whoever scans mails. */
export function Portal() {
  const signIn = useSignIn();
  const [token] = useState(() => window.location.hash.slice(1));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const session = await signIn({ PortalToken: token });
      // The token must not stay in the history.
      window.location.replace(`/o/${session.OrganizationId ?? ''}/webhooks`);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Container component="main" size={440} py={80}>
      <Paper withBorder p="xl" radius="md">
        <Stack>
          <Title order={1} size="h2">
            Your webhooks
          </Title>
          <Text>This link opens the webhooks of your organization in this browser, once.</Text>
          {error === null ? null : <Problem error={error} />}
          <Button onClick={() => void open()} loading={busy} disabled={token === '' || error !== null}>
            Continue
          </Button>
        </Stack>
      </Paper>
    </Container>
  );
}
