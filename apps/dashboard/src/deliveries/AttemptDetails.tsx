import { Button, CopyButton, Group, SegmentedControl, Stack, Tabs, Text } from '@mantine/core';
import type { Attempt } from '@postrider/contracts';
import { useState } from 'react';
import { Diff } from '../parts/Diff.js';
import { Icon } from '../parts/Icon.js';
import { prettyJson } from '../parts/json.policy.js';
import { JsonText } from '../parts/JsonText.js';
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
  const raw = shape === 'raw';
  return (
    <Tabs defaultValue="response" keepMounted={false}>
      <Group justify="space-between" gap="xs">
        <Tabs.List>
          <Tabs.Tab value="response">Response</Tabs.Tab>
          <Tabs.Tab value="request">Request</Tabs.Tab>
          {previous === undefined ? null : <Tabs.Tab value="diff">Changes</Tabs.Tab>}
        </Tabs.List>
        <Group gap="xs" wrap="nowrap">
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
          {request.Url.startsWith('mailto:') ? null : <CopyCurl attempt={attempt} />}
        </Group>
      </Group>
      <Tabs.Panel value="response" pt="sm">
        {response === null ? (
          <Text size="sm" c="dimmed">
            There was no answer.
          </Text>
        ) : (
          <Stack gap="xs">
            <Text className="code-title">Body</Text>
            <Body text={response.Body} raw={raw} />
            {response.Encoding === 'base64' || response.Truncated ? (
              <Text size="xs" c="dimmed">
                {response.Encoding === 'base64' ? 'Bytes that are no text, as base64. ' : ''}
                {response.Truncated ? 'Cut after 16 KiB: no more of an answer is read.' : ''}
              </Text>
            ) : null}
            <Text className="code-title">Headers</Text>
            <Headers headers={response.Headers} />
          </Stack>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="request" pt="sm">
        <Stack gap="xs">
          <Text className="mono breakable" component="bdi">
            {request.Url.startsWith('mailto:') ? request.Url : `POST ${request.Url}`}
          </Text>
          <Text className="code-title">Body</Text>
          <Body text={request.Body} raw={raw} />
          <Text className="code-title">Headers</Text>
          <Headers headers={request.Headers} />
        </Stack>
      </Tabs.Panel>
      {previous === undefined ? null : (
        <Tabs.Panel value="diff" pt="sm">
          <Stack gap={4}>
            <Text size="sm" c="dimmed">
              From attempt {previous.Number} to attempt {attempt.Number}:
            </Text>
            <Diff before={wholeText(previous)} after={wholeText(attempt)} />
          </Stack>
        </Tabs.Panel>
      )}
    </Tabs>
  );
}

function CopyCurl({ attempt }: { readonly attempt: Attempt }) {
  return (
    <CopyButton value={curlOf(attempt)}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name={copied ? 'check' : 'terminal'} size={14} />}
          onClick={copy}
        >
          {copied ? 'Copied' : 'Copy as cURL'}
        </Button>
      )}
    </CopyButton>
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
  return <JsonText text={headerLines(headers)} what="Headers" raw />;
}

function Body({ text, raw }: { readonly text: string; readonly raw: boolean }) {
  if (text === '') {
    return (
      <Text size="sm" c="dimmed">
        The body is empty.
      </Text>
    );
  }
  return <JsonText text={text} what="Body" raw={raw} />;
}
