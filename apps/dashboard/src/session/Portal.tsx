import { Button, Container, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useSignIn } from '../api/session.js';
import { Problem } from '../parts/Feedback.js';
import { Mark } from '../parts/Icon.js';

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
    <Container component="main" size={440} py={{ base: 40, sm: 96 }}>
      <Group justify="center" mb="lg">
        <span className="brand" style={{ fontSize: '1.25rem' }}>
          <Mark size={30} /> Postrider
        </span>
      </Group>
      <Paper withBorder p="xl" radius="lg" bg="var(--card)">
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
