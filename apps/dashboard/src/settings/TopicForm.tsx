import { Button, Checkbox, Group, JsonInput, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Topic } from '@postrider/contracts';
import { useState } from 'react';
import { ApiError, call } from '../api/client.js';
import { Problem, tellDone } from '../parts/Feedback.js';
import { fieldProblems } from '../webhooks/webhook-form.js';

export const topicPath = (name: string): string => `/v1/topics/${encodeURIComponent(name)}`;

const jsonText = (value: object | null | undefined): string =>
  value === null || value === undefined ? '' : JSON.stringify(value, null, 2);

/** What is wrong with a field that takes a JSON object or nothing. */
function objectProblem(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? null : 'It must be a JSON object: { … }';
  } catch {
    return 'This is not JSON';
  }
}

const parsed = (text: string): unknown => (text.trim() === '' ? null : JSON.parse(text));

export function TopicForm({
  topic,
  onClose,
  onDone,
}: {
  readonly topic: Topic | null;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      Name: topic?.Name ?? '',
      Title: topic?.Title ?? '',
      Description: topic?.Description ?? '',
      Example: jsonText(topic?.Example),
      Schema: jsonText(topic?.Schema),
      EnforceSchema: topic?.EnforceSchema ?? false,
      Deprecated: topic?.Deprecated ?? false,
    },
    validate: { Example: objectProblem, Schema: objectProblem },
    validateInputOnBlur: true,
  });
  const save = async (fields: typeof form.values): Promise<void> => {
    setBusy(true);
    setError(null);
    const hasSchema = fields.Schema.trim() !== '';
    const body = {
      Title: fields.Title.trim() || null,
      Description: fields.Description.trim() || null,
      Example: parsed(fields.Example),
      Schema: parsed(fields.Schema),
      EnforceSchema: hasSchema && fields.EnforceSchema,
      Deprecated: fields.Deprecated,
    };
    try {
      if (topic === null) await call('POST', '/v1/topics', { Name: fields.Name.trim(), ...body });
      else await call('PATCH', topicPath(topic.Name), body);
      await onDone();
      tellDone('Saved');
      onClose();
    } catch (failure) {
      const problems = failure instanceof ApiError ? fieldProblems(failure.errors) : {};
      form.setErrors(problems);
      if (Object.keys(problems).length === 0) setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={topic === null ? 'Add topic' : `Edit ${topic.Name}`}>
      <form onSubmit={form.onSubmit((fields) => void save(fields))} noValidate>
        <Stack>
          {topic === null ? (
            <TextInput
              label="Name"
              description="Words separated by full stops, such as invoice.paid"
              required
              data-autofocus
              {...form.getInputProps('Name')}
            />
          ) : null}
          <TextInput label="Title" placeholder="Invoice paid" {...form.getInputProps('Title')} />
          <Textarea
            label="Description"
            description="When it happens, for those who choose topics"
            autosize
            minRows={2}
            {...form.getInputProps('Description')}
          />
          <JsonInput
            label="Example of Data"
            description="Shown to people, and sent by “Send example”"
            formatOnBlur
            autosize
            minRows={3}
            maxRows={12}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('Example')}
          />
          <JsonInput
            label="JSON Schema of Data"
            formatOnBlur
            autosize
            minRows={3}
            maxRows={12}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('Schema')}
          />
          <Checkbox
            label="Refuse events that break the schema"
            disabled={form.values.Schema.trim() === ''}
            {...form.getInputProps('EnforceSchema', { type: 'checkbox' })}
          />
          <Checkbox
            label="Deprecated"
            description="It works as before; nobody is offered it for a new webhook"
            {...form.getInputProps('Deprecated', { type: 'checkbox' })}
          />
          {error === null ? null : <Problem error={error} />}
          <Group justify="flex-end" className="dialog-foot">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {topic === null ? 'Add topic' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
