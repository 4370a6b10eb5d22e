import { Group, Stack, Text } from '@mantine/core';
import type { RejectedEvent } from '@postrider/contracts';
import { useRejectedEvents } from '../api/queries.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { JsonText } from '../parts/JsonText.js';
import { State } from '../parts/State.js';
import { Time } from '../parts/Time.js';

export function RejectedEvents({ org }: { readonly org: string }) {
  const { data, error, refetch } = useRejectedEvents(org);
  if (error !== null) return <Problem error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.Data.length === 0) {
    return (
      <Empty title="Nothing was rejected">
        <Text c="dimmed">
          What is published over NATS and can’t be accepted is kept here, with the reason.
        </Text>
      </Empty>
    );
  }
  return (
    <Stack>
      {data.Data.map((event) => (
        <Rejected key={event.Id} event={event} />
      ))}
    </Stack>
  );
}

function Rejected({ event }: { readonly event: RejectedEvent }) {
  return (
    <Stack className="card" p="md" gap="xs">
      <Group justify="space-between" gap="xs">
        <State tone="bad" mark="✕">
          {event.Code.replaceAll('_', ' ')}
        </State>
        <Text size="sm" c="dimmed">
          <Time at={event.RejectedAt} span />
        </Text>
      </Group>
      <Text fw={600} className="breakable">
        {event.Reason}
      </Text>
      {event.Errors.filter(({ pointer }) => pointer !== undefined).map(({ pointer, detail }) => (
        <Text key={`${pointer} ${detail}`} size="sm" className="breakable">
          <span className="mono">{pointer}</span> {detail}
        </Text>
      ))}
      <Text size="sm" c="dimmed" className="breakable">
        {event.Subject}
        {event.EventId === null ? '' : ` · ${event.EventId}`}
      </Text>
      <JsonText text={event.Payload} what="What was published" raw />
      {event.PayloadTruncated || event.PayloadEncoding === 'base64' ? (
        <Text size="xs" c="dimmed">
          {event.PayloadEncoding === 'base64' ? 'Bytes that are no text, as base64. ' : ''}
          {event.PayloadTruncated ? 'Only its beginning is kept.' : ''}
        </Text>
      ) : null}
    </Stack>
  );
}
