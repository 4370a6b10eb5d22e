import { Button, Checkbox, Collapse, NumberInput, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Webhook, WebhookWithSecret } from '@postrider/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postrider } from '../api/client.js';
import { FormDialog, useSaving, type FieldProblems } from '../parts/FormDialog.js';
import { Icon } from '../parts/Icon.js';
import { FilterBuilder } from './FilterBuilder.js';
import { TopicPicker } from './TopicPicker.js';
import { TypePicker } from './TypePicker.js';
import { fieldsOf, inputOf, patchOf, problemsOf } from './webhook-form.js';
import { typeTexts } from './webhook-types.js';

const advancedFields = ['TimeoutSeconds', 'RetrySchedule', 'RateLimitPerSecond'] as const;
/** As they stand in the form. */
const fieldOrder = ['Alias', 'Url', 'Email', 'Authorization', 'Topics', 'Filter', ...advancedFields] as const;
/** Where a field's wrapper is found. */
const place = (name: (typeof fieldOrder)[number]) => ({ wrapperProps: { 'data-field': name } });

export interface WebhookFormProps {
  readonly org: string;
  /** The one to change; null makes a new one. */
  readonly webhook: Webhook | null;
  readonly onDone: (webhook: WebhookWithSecret | Webhook) => void;
  readonly onClose: () => void;
}

export function WebhookForm({ org, webhook, onDone, onClose }: WebhookFormProps) {
  const client = useQueryClient();
  const [advanced, setAdvanced] = useState(false);
  const form = useForm({
    initialValues: fieldsOf(webhook),
    validate: problemsOf,
    validateInputOnChange: ['Url'],
  });
  const { Type: type } = form.values;
  const text = typeTexts[type];
  const isSigned = type === 'webhook';

  /** The first wrong field comes into sight, with the focus in it. */
  const showProblems = (problems: Readonly<Record<string, unknown>>): void => {
    if (advancedFields.some((name) => name in problems)) setAdvanced(true);
    const first = fieldOrder.find((name) => name in problems);
    if (first === undefined) return;
    const field = document.querySelector<HTMLElement>(`[data-field="${first}"]`);
    field?.scrollIntoView({ block: 'center' });
    field?.querySelector('input')?.focus({ preventScroll: true });
  };

  const send = async (fields: typeof form.values): Promise<void> => {
    const { webhooks } = postrider.organization(org);
    const saved =
      webhook === null
        ? await webhooks.create(inputOf(fields))
        : await webhooks.change(webhook.Id, patchOf(fields));
    await client.invalidateQueries({ queryKey: [org, 'webhooks'] });
    onDone(saved);
  };
  const saving = useSaving(send, (problems: FieldProblems) => {
    form.setErrors(problems);
    showProblems(problems);
  });

  return (
    <FormDialog
      title={webhook === null ? 'Add webhook' : 'Edit webhook'}
      confirm={webhook === null ? 'Add webhook' : 'Save'}
      saving={saving}
      onSubmit={form.onSubmit((fields) => void saving.save(fields), showProblems)}
      onClose={onClose}
    >
      {webhook === null ? (
        <TypePicker
          value={type}
          onChange={(to) => {
            form.setFieldValue('Type', to);
            // What was wrong for another type need not be for this one.
            form.clearErrors();
          }}
        />
      ) : null}
      <TextInput
        label="Nickname"
        description="How you tell it apart; nobody else sees it"
        placeholder="Order service"
        data-autofocus
        {...place('Alias')}
        {...form.getInputProps('Alias')}
      />
      {type === 'email' ? (
        <TextInput
          label={text.target}
          description={webhook === null ? text.hint : 'A new address has to be confirmed by its reader first'}
          placeholder={text.placeholder}
          required
          {...place('Email')}
          {...form.getInputProps('Email')}
        />
      ) : (
        <TextInput
          label={text.target}
          description={text.hint}
          placeholder={text.placeholder}
          type="url"
          required
          {...place('Url')}
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
          {...place('Authorization')}
          {...form.getInputProps('Authorization')}
        />
      ) : null}
      {webhook?.HasAuthorization === true ? (
        <Checkbox
          label="Send no Authorization header any more"
          {...form.getInputProps('RemoveAuthorization', { type: 'checkbox' })}
        />
      ) : null}
      <div data-field="Topics">
        <TopicPicker
          value={form.values.Topics}
          onChange={(topics) => form.setFieldValue('Topics', topics)}
          error={form.errors['Topics']}
        />
      </div>
      <div data-field="Filter">
        <FilterBuilder
          org={org}
          topics={form.values.Topics}
          value={form.values.Filter}
          onChange={(rules) => form.setFieldValue('Filter', rules)}
          error={form.errors['Filter']}
        />
      </div>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-expanded={advanced}
        leftSection={<Icon name={advanced ? 'down' : 'right'} size={14} />}
        onClick={() => setAdvanced((shown) => !shown)}
        style={{ alignSelf: 'flex-start' }}
      >
        Advanced
      </Button>
      <Collapse expanded={advanced}>
        <Stack>
          <NumberInput
            label="Timeout (seconds)"
            description="For the whole attempt, 1 to 30"
            min={1}
            max={30}
            {...place('TimeoutSeconds')}
            {...form.getInputProps('TimeoutSeconds')}
          />
          <TextInput
            label="Retry schedule"
            description="Seconds after each failed attempt, separated by commas. Empty: 10 attempts in about 75 hours; a dash: none"
            placeholder="5, 300, 1800"
            {...place('RetrySchedule')}
            {...form.getInputProps('RetrySchedule')}
          />
          <NumberInput
            label="Requests per second, at most"
            description="Empty: as fast as the receiver answers"
            min={1}
            max={10_000}
            {...place('RateLimitPerSecond')}
            {...form.getInputProps('RateLimitPerSecond')}
          />
        </Stack>
      </Collapse>
    </FormDialog>
  );
}
