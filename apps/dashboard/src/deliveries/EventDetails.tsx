import { Stack, Tabs, Text } from '@mantine/core';
import { useEvent } from '../api/queries.js';
import { Loading, Problem } from '../parts/Feedback.js';
import { Diff } from '../parts/Diff.js';

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

/** The event of a delivery: what it says, and what it changed. */
export function EventDetails({ org, id }: { readonly org: string; readonly id: string }) {
  const { data, error } = useEvent(org, id);
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <Loading />;
  return (
    <Stack gap="xs">
      <Text fw={600}>Event</Text>
      <Tabs defaultValue="data" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="data">Data</Tabs.Tab>
          {data.PreviousData === null ? null : <Tabs.Tab value="changes">Changes of Data</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="data" pt="xs">
          <pre className="code" tabIndex={0} aria-label="Data of the event">
            {pretty(data.Data)}
          </pre>
        </Tabs.Panel>
        {data.PreviousData === null ? null : (
          <Tabs.Panel value="changes" pt="xs">
            <Diff before={pretty(data.PreviousData)} after={pretty(data.Data)} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Stack>
  );
}
