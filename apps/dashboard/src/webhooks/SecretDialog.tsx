import { Alert, Button, Checkbox, Group, PasswordInput, Stack, Tabs, Text } from '@mantine/core';
import { Dialog } from '../parts/Dialog.js';
import { useState } from 'react';
import { Copy } from '../parts/Feedback.js';
import { verifySnippets } from './snippets.js';

/** The signing secret, shown this once: it stays until somebody says that it is saved. */
export function SecretDialog({
  secret,
  title,
  onClose,
}: {
  readonly secret: string;
  readonly title: string;
  readonly onClose: () => void;
}) {
  const [saved, setSaved] = useState(false);
  const snippets = verifySnippets(secret);
  return (
    <Dialog
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="lg"
      title={title}
    >
      <Stack>
        <Alert variant="default" title="Save the signing secret now">
          It is shown this once. Your receiver needs it to tell our requests from forged ones.
        </Alert>
        <Group align="flex-end" wrap="nowrap">
          <PasswordInput
            label="Signing secret"
            value={secret}
            readOnly
            flex={1}
            classNames={{ innerInput: 'mono' }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the secret' }}
          />
          <Copy value={secret} what="the secret" />
        </Group>
        <Text fw={600}>Verify in your receiver</Text>
        <Tabs defaultValue="Node.js" keepMounted={false}>
          <Tabs.List>
            {snippets.map(({ language }) => (
              <Tabs.Tab key={language} value={language}>
                {language}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {snippets.map(({ language, code }) => (
            <Tabs.Panel key={language} value={language} pt="xs">
              <Group justify="flex-end">
                <Copy value={code} what={`the ${language} code`} />
              </Group>
              <pre className="code" tabIndex={0}>
                {/* On the screen the secret stays masked; the copy has it. */}
                {code.replace(secret, 'whsec_••••••••')}
              </pre>
            </Tabs.Panel>
          ))}
        </Tabs>
        <Checkbox
          label="I have saved it"
          checked={saved}
          onChange={(event) => setSaved(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button disabled={!saved} onClick={onClose}>
            Done
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
