import { Group, SegmentedControl, Stack, Tabs, Text } from '@mantine/core';
import type { Attempt } from '@postrider/contracts';
import { useState } from 'react';
import { Copy } from '../parts/Feedback.js';
import { Diff } from '../parts/Diff.js';
import { prettyJson } from '../parts/json.policy.js';
import { curlOf } from './curl.policy.js';

type Shape = 'pretty' | 'raw';

/** The request as it was sent and the answer as it came: always as text. */
export function AttemptDetails({
  attempt,
  previous,
}: {
  readonly attempt: Attempt;
  readonly previous: Attempt | undefined;
}) {
  const [shape, setShape] = useState<Shape>('pretty');
  const { Request: request, Response: response } = attempt;
  return (
    <Tabs defaultValue="response" keepMounted={false}>
      <Group justify="space-between">
        <Tabs.List>
          <Tabs.Tab value="response">Response</Tabs.Tab>
          <Tabs.Tab value="request">Request</Tabs.Tab>
          {previous === undefined ? null : <Tabs.Tab value="diff">Changes</Tabs.Tab>}
        </Tabs.List>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="How bodies are shown"
            data={[
              { value: 'pretty', label: 'Pretty' },
              { value: 'raw', label: 'Raw' },
            ]}
            value={shape}
            onChange={(value) => setShape(value)}
          />
          <Copy value={curlOf(attempt)} what="as cURL" />
        </Group>
      </Group>
      <Tabs.Panel value="response" pt="sm">
        {response === null ? (
          <Text size="sm">There was no answer.</Text>
        ) : (
          <Stack gap="xs">
            <Headers headers={response.Headers} />
            <Body text={response.Body} shape={shape} />
            <Text size="xs" c="dimmed">
              {response.Encoding === 'base64' ? 'Bytes that are no text, as base64. ' : ''}
              {response.Truncated ? 'Cut after 16 KiB.' : ''}
            </Text>
          </Stack>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="request" pt="sm">
        <Stack gap="xs">
          <Text className="mono">POST {request.Url}</Text>
          <Headers headers={request.Headers} />
          <Body text={request.Body} shape={shape} />
        </Stack>
      </Tabs.Panel>
      {previous === undefined ? null : (
        <Tabs.Panel value="diff" pt="sm">
          <Text size="sm">What differs from attempt {previous.Number}:</Text>
          <Diff before={wholeText(previous)} after={wholeText(attempt)} />
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function wholeText({ Request, Response, StatusCode, Error: error }: Attempt): string {
  return [
    `POST ${Request.Url}`,
    headerLines(Request.Headers),
    prettyJson(Request.Body),
    '',
    error === null ? `answer ${StatusCode ?? ''}` : `${error.Code} ${StatusCode ?? ''}`,
    Response === null ? '' : headerLines(Response.Headers),
    Response === null ? '' : prettyJson(Response.Body),
  ].join('\n');
}

function Headers({ headers }: { readonly headers: Readonly<Record<string, string>> }) {
  return (
    <pre className="code" tabIndex={0} aria-label="Headers">
      {headerLines(headers)}
    </pre>
  );
}

function Body({ text, shape }: { readonly text: string; readonly shape: Shape }) {
  if (text === '') return <Text size="sm">The body is empty.</Text>;
  return (
    <Group wrap="nowrap" align="flex-start" gap={4}>
      <pre className="code" tabIndex={0} aria-label="Body" style={{ flex: 1 }}>
        {shape === 'pretty' ? prettyJson(text) : text}
      </pre>
      <Copy value={text} what="the body" />
    </Group>
  );
}
