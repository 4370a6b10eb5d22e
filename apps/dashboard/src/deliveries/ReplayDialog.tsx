import { Button, Group, NumberInput, Progress, Select, Stack, Text } from '@mantine/core';
import { Dialog } from '../parts/Dialog.js';
import { defaultReplayRate, deliveryStatuses, type DeliveryStatus, type Replay } from '@postrider/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import type { DeliveryFilters } from '../api/queries.js';
import { Problem } from '../parts/Feedback.js';
import { ranges } from './filters.js';

interface ReplayDialogProps {
  readonly org: string;
  readonly filters: DeliveryFilters;
  readonly onClose: () => void;
}

/** Many deliveries once more: what, how many that is, how fast, and how it goes. */
export function ReplayDialog({ org, filters, onClose }: ReplayDialogProps) {
  const [replay, setReplay] = useState<Replay | null>(null);
  return (
    <Dialog onClose={onClose} title="Replay deliveries">
      {replay === null ? (
        <Plan org={org} filters={filters} onStarted={setReplay} />
      ) : (
        <Running org={org} started={replay} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Plan({
  org,
  filters,
  onStarted,
}: Omit<ReplayDialogProps, 'onClose'> & { readonly onStarted: (replay: Replay) => void }) {
  const [status, setStatus] = useState<DeliveryStatus | null>(
    deliveryStatuses.find((one) => one === filters.Status) ?? 'Failed',
  );
  const [range, setRange] = useState('24h');
  const [rate, setRate] = useState<number | string>(defaultReplayRate);
  // Counted and sent are the same deliveries: those up to when the dialog was opened.
  const [to] = useState(() => Date.now());
  const wanted = {
    WebhookId: filters.WebhookId ?? null,
    Topic: filters.Topic ?? null,
    Status: status,
    From: to - (ranges[range]?.ms ?? 0),
    To: to,
  };
  const { replays } = postrider.organization(org);
  const count = useQuery({
    queryKey: [org, 'replay-count', wanted],
    queryFn: () => replays.preview(wanted),
  });
  const start = useMutation({
    mutationFn: () => replays.create({ ...wanted, RatePerSecond: Number(rate) }),
    onSuccess: onStarted,
  });
  const total = count.data?.Total;
  const error = start.error ?? count.error;
  return (
    <Stack>
      <Text size="sm">
        Each is sent once more{filters.WebhookId === undefined ? '' : ' to this webhook'}
        {filters.Topic === undefined ? '' : `, of the topic ${filters.Topic}`}. Receivers tell duplicates by
        webhook-id.
      </Text>
      <Select
        label="Status"
        placeholder="Any"
        clearable
        clearButtonProps={{ 'aria-label': 'Clear Status' }}
        data={[...deliveryStatuses]}
        value={status}
        onChange={(value) => setStatus(deliveryStatuses.find((one) => one === value) ?? null)}
      />
      <Select
        label="Made in the"
        allowDeselect={false}
        data={Object.entries(ranges).map(([value, { label }]) => ({ value, label: label.toLowerCase() }))}
        value={range}
        onChange={(value) => setRange(value ?? '24h')}
      />
      <NumberInput label="At most so many per second" min={1} max={1_000} value={rate} onChange={setRate} />
      <Text role="status" fw={600}>
        {total === undefined ? 'Counting …' : total === 1 ? '1 delivery' : `${total} deliveries`}
      </Text>
      {error === null ? null : <Problem error={error} />}
      <Group justify="flex-end">
        <Button
          onClick={() => start.mutate()}
          loading={start.isPending}
          disabled={total === undefined || total === 0 || rate === ''}
        >
          Replay
        </Button>
      </Group>
    </Stack>
  );
}

function Running({
  org,
  started,
  onClose,
}: {
  readonly org: string;
  readonly started: Replay;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const { replays } = postrider.organization(org);
  const { data = started, error } = useQuery({
    queryKey: [org, 'replay', started.Id],
    queryFn: () => replays.get(started.Id),
    initialData: started,
    refetchInterval: ({ state }) => (state.data?.State === 'Running' ? 1_000 : false),
  });
  const cancel = useMutation({
    mutationFn: () => replays.cancel(started.Id),
    onSettled: () => client.invalidateQueries({ queryKey: [org, 'replay', started.Id] }),
  });
  const failure = cancel.error ?? error;
  const states: Readonly<Record<Replay['State'], string>> = {
    Running: 'Running',
    Completed: 'Done',
    Cancelled: 'Cancelled',
  };
  return (
    <Stack>
      <Progress
        value={data.Total === 0 ? 100 : (data.Done / data.Total) * 100}
        aria-label="Progress of the replay"
        size="lg"
      />
      <Text role="status">
        {states[data.State]}: {data.Done} of {data.Total}, {data.Succeeded} received, {data.Failed} failed
      </Text>
      {failure === null ? null : <Problem error={failure} />}
      <Group justify="flex-end">
        {data.State === 'Running' ? (
          <Button variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            Cancel the replay
          </Button>
        ) : null}
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
