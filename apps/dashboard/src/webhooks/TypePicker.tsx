import { Radio, SimpleGrid, Text } from '@mantine/core';
import { webhookTypes, type WebhookType } from '@postrider/contracts';
import { typeTexts } from './webhook-types.js';

export function TypePicker({
  value,
  onChange,
}: {
  readonly value: WebhookType;
  readonly onChange: (type: WebhookType) => void;
}) {
  return (
    <Radio.Group
      label="Type"
      value={value}
      onChange={(to) => onChange(webhookTypes.find((type) => type === to) ?? 'webhook')}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={4}>
        {webhookTypes.map((type) => (
          <Radio.Card key={type} value={type} className="type-card" aria-label={typeTexts[type].label}>
            <Radio.Indicator />
            <div>
              <Text fw={600}>{typeTexts[type].label}</Text>
              <Text size="xs" c="dimmed">
                {typeTexts[type].about}
              </Text>
            </div>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
