import { Button, Container, Group, PasswordInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useSignIn } from '../api/session.js';
import { Problem } from '../parts/Feedback.js';
import { Mark } from '../parts/Icon.js';

export function SignIn() {
  const signIn = useSignIn();
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await signIn({ Key: key.trim() });
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
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack>
            <Title order={1} size="h2">
              Sign in
            </Title>
            <PasswordInput
              label="API key"
              description="A key of your organization (pr_…), or the admin key that npm start prints"
              autoComplete="current-password"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              data-autofocus
              required
            />
            {error === null ? null : <Problem error={error} />}
            <Button type="submit" loading={busy} disabled={key.trim() === ''}>
              Sign in
            </Button>
            <Text size="sm" c="dimmed">
              The key stays on the server: this browser keeps a session of 12 hours.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Container>
  );
}
