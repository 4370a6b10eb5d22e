import {
  Button,
  Checkbox,
  Collapse,
  Group,
  Modal,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Webhook, type WebhookWithSecret } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call, organizationPath } from '../api/client.js';
import { Problem } from '../parts/Feedback.js';
import { FilterBuilder } from './FilterBuilder.js';
import { TopicPicker } from './TopicPicker.js';
import { bodyOf, fieldProblems, fieldsOf, problemsOf } from './webhook-form.js';

const types = [
  { value: 'webhook', label: 'Webhook: a signed POST' },
  { value: 'slack', label: 'Slack: a message to a channel' },
  { value: 'teams', label: 'Microsoft Teams: a card in a channel' },
  { value: 'email', label: 'Email' },
];

export interface WebhookFormProps {
  readonly org: string;
  /** The one to change; null makes a new one. */
  readonly webhook: Webhook | null;
  readonly onDone: (webhook: WebhookWithSecret | Webhook) => void;
  readonly onClose: () => void;
}

export function WebhookForm({ org, webhook, onDone, onClose }: WebhookFormProps) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [advanced, setAdvanced] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: fieldsOf(webhook),
    validate: problemsOf,
    validateInputOnChange: ['Url'],
  });
  const { Type: type } = form.values;
  const isSigned = type === 'webhook';

  const save = async (fields: typeof form.values): Promise<void> => {
    setBusy(true);
    setError(null);
    const path = `${organizationPath(org)}/webhooks`;
    const body = bodyOf(fields, webhook === null);
    try {
      const saved =
        webhook === null
          ? await call<WebhookWithSecret>('POST', path, body)
          : await call<Webhook>('PATCH', `${path}/${webhook.Id}`, body);
      await client.invalidateQueries({ queryKey: [org, 'webhooks'] });
      onDone(saved);
    } catch (failure) {
      const problems = failure instanceof ApiError ? fieldProblems(failure.errors) : {};
      form.setErrors(problems);
      if (Object.keys(problems).length === 0) setError(failure);
      if (['TimeoutSeconds', 'RetrySchedule', 'RateLimitPerSecond'].some((name) => name in problems)) {
        setAdvanced(true);
      }
      setBusy(false);
    }
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={webhook === null ? 'Add webhook' : 'Edit webhook'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={form.onSubmit((fields) => void save(fields))} noValidate>
        <Stack>
          {webhook === null ? (
            <Select
              label="Type"
              data={types}
              allowDeselect={false}
              comboboxProps={{ withinPortal: true }}
              {...form.getInputProps('Type')}
            />
          ) : null}
          <TextInput
            label="Nickname"
            description="How you tell it apart; nobody else sees it"
            placeholder="Order service"
            data-autofocus
            {...form.getInputProps('Alias')}
          />
          {type === 'email' ? (
            <TextInput label="Email address" type="email" required {...form.getInputProps('Email')} />
          ) : (
            <TextInput
              label="Endpoint URL"
              placeholder="https://example.com/webhooks"
              type="url"
              required
              {...form.getInputProps('Url')}
            />
          )}
          {isSigned ? (
            <PasswordInput
              label="Authorization header"
              description={
                webhook?.HasAuthorization === true
                  ? 'One is set. Leave this empty to keep it; it can be replaced, never read'
                  : 'Optional: sent along with every request, such as Bearer …'
              }
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the value' }}
              {...form.getInputProps('Authorization')}
            />
          ) : null}
          {webhook?.HasAuthorization === true ? (
            <Checkbox
              label="Send no Authorization header any more"
              {...form.getInputProps('RemoveAuthorization', { type: 'checkbox' })}
            />
          ) : null}
          <TopicPicker
            value={form.values.Topics}
            onChange={(topics) => form.setFieldValue('Topics', topics)}
            error={form.errors['Topics']}
          />
          <FilterBuilder
            org={org}
            topics={form.values.Topics}
            value={form.values.Filter}
            onChange={(rules) => form.setFieldValue('Filter', rules)}
            error={form.errors['Filter']}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={advanced}
            onClick={() => setAdvanced((shown) => !shown)}
            style={{ alignSelf: 'flex-start' }}
          >
            {advanced ? '▾' : '▸'} Advanced
          </Button>
          <Collapse expanded={advanced}>
            <Stack>
              <NumberInput
                label="Timeout in seconds"
                description="For the whole attempt, 1 to 30"
                min={1}
                max={30}
                {...form.getInputProps('TimeoutSeconds')}
              />
              <TextInput
                label="Retry schedule"
                description="Seconds after each failed attempt, separated by commas; empty: 10 attempts in about 75 h; -: no retries"
                placeholder="5, 300, 1800"
                {...form.getInputProps('RetrySchedule')}
              />
              <NumberInput
                label="At most so many requests per second"
                description="Empty: as fast as the receiver answers"
                min={1}
                max={10_000}
                {...form.getInputProps('RateLimitPerSecond')}
              />
            </Stack>
          </Collapse>
          {error === null ? null : <Problem error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {webhook === null ? 'Add webhook' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
