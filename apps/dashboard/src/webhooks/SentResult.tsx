import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { DeliveryWithAttempts } from '@postrider/contracts';
import { Link } from 'wouter';
import { causeOf } from '../deliveries/causes.js';
import { State } from '../parts/State.js';
import { duration } from '../parts/Time.js';

/** How a ping or an example fared: what came back, how fast, and what helps where it failed. */
export function SentResult({
  org,
  delivery,
}: {
  readonly org: string;
  readonly delivery: DeliveryWithAttempts;
}) {
  const attempt = delivery.Attempts.at(-1);
  const details = (
    <Anchor component={Link} href={`/o/${org}/deliveries?delivery=${delivery.Id}`}>
      Details
    </Anchor>
  );
  if (attempt === undefined) return <Text>It is still on its way. {details}</Text>;
  const cause = causeOf(attempt);
  const body = attempt.Response?.Body ?? '';
  return (
    <Stack gap="xs">
      <Group gap="sm">
        {attempt.Error === null ? (
          <State tone="good" mark="✓">
            Received
          </State>
        ) : (
          <State tone="bad" mark="✕">
            Failed
          </State>
        )}
        <Text>{attempt.StatusCode === null ? 'no answer' : `status ${attempt.StatusCode}`}</Text>
        <Text>{duration(attempt.DurationMs)}</Text>
        {details}
      </Group>
      {cause === null ? null : (
        <Text size="sm">
          {cause.what} {cause.fix}
        </Text>
      )}
      {body === '' ? null : (
        <pre className="code" tabIndex={0} aria-label="Body of the answer">
          {body}
        </pre>
      )}
    </Stack>
  );
}
