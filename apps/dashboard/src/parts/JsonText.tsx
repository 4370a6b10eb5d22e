import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Copy } from './Feedback.js';
import { prettyJson } from './json.policy.js';

/** What is shown at once: a browser takes seconds to lay out a megabyte. */
const shownCharacters = 64 * 1024;

/** Text that others wrote, as text: indented where it is JSON, in parts where it is long. */
export function JsonText({
  text,
  what,
  raw = false,
}: {
  readonly text: string;
  readonly what: string;
  readonly raw?: boolean;
}) {
  const [all, setAll] = useState(false);
  const whole = raw ? text : prettyJson(text);
  const isCut = !all && whole.length > shownCharacters;
  return (
    <Stack gap={4}>
      <div className="code-frame">
        <pre className="code" tabIndex={0} aria-label={what} dir="ltr">
          {isCut ? whole.slice(0, shownCharacters) : whole}
        </pre>
        <div className="code-copy">
          <Copy value={text} what={what.toLowerCase()} />
        </div>
      </div>
      {isCut ? (
        <Text size="sm" c="dimmed">
          The first {shownCharacters / 1024} of {Math.ceil(whole.length / 1024)} KB.{' '}
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            Show all
          </Button>
        </Text>
      ) : null}
    </Stack>
  );
}
