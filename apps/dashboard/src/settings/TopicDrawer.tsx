import { Stack, Text, Title } from '@mantine/core';
import { SidePanel } from '../parts/Dialog.js';
import type { Topic } from '@postrider/contracts';
import { Facts } from '../parts/DataTable.js';
import { Notice } from '../parts/Feedback.js';
import { JsonText } from '../parts/JsonText.js';
import { Time } from '../parts/Time.js';

export function TopicDrawer({ topic, onClose }: { readonly topic: Topic; readonly onClose: () => void }) {
  return (
    <SidePanel onClose={onClose} size="lg" title="Topic">
      <Stack gap="lg">
        <Stack gap={4}>
          <Text className="mono breakable" fw={600}>
            {topic.Name}
          </Text>
          <Text fw={500}>{topic.Title}</Text>
          <Text c="dimmed" style={{ whiteSpace: 'pre-line' }}>
            {topic.Description}
          </Text>
        </Stack>
        {topic.Deprecated ? (
          <Notice tone="wait">
            <b>Deprecated.</b> It works as before, but nothing new should be built on it.
          </Notice>
        ) : null}
        <Json title="Example of Data" value={topic.Example} none="There is no example." />
        <Json
          title={topic.EnforceSchema ? 'JSON Schema of Data (enforced)' : 'JSON Schema of Data'}
          value={topic.Schema}
          none="There is no schema: any object will do."
        />
        <Facts
          rows={[
            ['Events that break the schema', topic.EnforceSchema ? 'are refused' : 'are accepted'],
            ['Added', <Time key="added" at={topic.CreatedAt} />],
            ['Changed', <Time key="changed" at={topic.UpdatedAt} />],
          ]}
        />
      </Stack>
    </SidePanel>
  );
}

function Json({
  title,
  value,
  none,
}: {
  readonly title: string;
  readonly value: Topic['Example'];
  readonly none: string;
}) {
  return (
    <Stack gap={4}>
      <Title order={3} size="h4">
        {title}
      </Title>
      {value === null ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <JsonText text={JSON.stringify(value)} what={title} />
      )}
    </Stack>
  );
}
