import { Anchor, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loading } from '../parts/Feedback.js';
import { State } from '../parts/State.js';

/** How the service behind this page is: its readiness, check by check. */
export function SystemPage() {
  const { data } = useQuery({
    queryKey: ['health'],
    queryFn: async (): Promise<{ ok: boolean; text: string }> => {
      // Not ready is an answer too, so this is no call that throws.
      const response = await fetch('/health/ready');
      return { ok: response.ok, text: JSON.stringify(await response.json(), null, 2) };
    },
    refetchInterval: 5_000,
  });
  return (
    <Stack>
      <Title order={1} size="h2">
        System
      </Title>
      {data === undefined ? <Loading /> : null}
      {data === undefined ? null : (
        <>
          <Table>
            <Table.Tbody>
              <Table.Tr>
                <Table.Th scope="row">config-api</Table.Th>
                <Table.Td>
                  {data.ok ? (
                    <State tone="good" mark="✓">
                      Ready
                    </State>
                  ) : (
                    <State tone="bad" mark="✕">
                      Not ready
                    </State>
                  )}
                </Table.Td>
              </Table.Tr>
            </Table.Tbody>
          </Table>
          <pre className="code" tabIndex={0} aria-label="Readiness">
            {data.text}
          </pre>
        </>
      )}
      <Text size="sm">
        The other services answer <span className="mono">/health/ready</span> and{' '}
        <span className="mono">/metrics</span> on their own ports. Figures of this one are at{' '}
        <Anchor href="/metrics" underline="always">
          /metrics
        </Anchor>
        .
      </Text>
    </Stack>
  );
}
