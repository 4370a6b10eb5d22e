import { Checkbox, JsonInput, Textarea, TextInput, type JsonInputProps } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Topic, TopicCreate } from '@postrider/contracts';
import { postrider } from '../api/client.js';
import { tellDone } from '../parts/Feedback.js';
import { FormDialog, useSaving } from '../parts/FormDialog.js';

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

/** Of a field without a problem. */
const parsed = (text: string): TopicCreate['Example'] =>
  text.trim() === '' ? null : (JSON.parse(text) as TopicCreate['Example']);

export function TopicForm({
  topic,
  onClose,
  onDone,
}: {
  readonly topic: Topic | null;
  readonly onClose: () => void;
  readonly onDone: () => Promise<unknown>;
}) {
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
  const send = async (fields: typeof form.values): Promise<void> => {
    const hasSchema = fields.Schema.trim() !== '';
    const body = {
      Title: fields.Title.trim() || null,
      Description: fields.Description.trim() || null,
      Example: parsed(fields.Example),
      Schema: parsed(fields.Schema),
      EnforceSchema: hasSchema && fields.EnforceSchema,
      Deprecated: fields.Deprecated,
    };
    if (topic === null) await postrider.createTopic({ Name: fields.Name.trim(), ...body });
    else await postrider.changeTopic(topic.Name, body);
    await onDone();
    tellDone('Saved');
    onClose();
  };
  const saving = useSaving(send, form.setErrors);
  return (
    <FormDialog
      title={topic === null ? 'Add topic' : `Edit ${topic.Name}`}
      confirm={topic === null ? 'Add topic' : 'Save'}
      saving={saving}
      onSubmit={form.onSubmit((fields) => void saving.save(fields))}
      onClose={onClose}
    >
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
      <JsonField
        label="Example of Data"
        description="Shown to people, and sent by “Send example”"
        {...form.getInputProps('Example')}
      />
      <JsonField label="JSON Schema of Data" {...form.getInputProps('Schema')} />
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
    </FormDialog>
  );
}

/** Takes a JSON object, or nothing. */
function JsonField(props: JsonInputProps) {
  return (
    <JsonInput
      formatOnBlur
      autosize
      minRows={3}
      maxRows={12}
      classNames={{ input: 'mono' }}
      spellCheck={false}
      {...props}
    />
  );
}
