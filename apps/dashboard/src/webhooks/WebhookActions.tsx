import { ActionIcon, Menu, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { OrganizationClient } from '@postrider/client';
import type { ResumeWebhook, Webhook } from '@postrider/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { postrider } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Confirm } from '../parts/Confirm.js';
import { tellDone } from '../parts/Feedback.js';
import { Icon } from '../parts/Icon.js';
import { awaitsReader } from '../parts/State.js';
import { ExampleDialog } from './ExampleDialog.js';
import { PingDialog } from './PingDialog.js';
import { SecretDialog } from './SecretDialog.js';
import { webhookName } from './webhook-name.js';
import { WebhookForm } from './WebhookForm.js';

type Dialog = 'ping' | 'example' | 'pause' | 'resume' | 'rotate' | 'edit' | 'delete';

export function WebhookActions({ org, webhook }: { readonly org: string; readonly webhook: Webhook }) {
  const mayWrite = useMay('webhooks:write');
  const mayRotate = useMay('secrets:rotate');
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const name = webhookName(webhook);
  const close = (): void => setDialog(null);
  const isSigned = webhook.Type === 'webhook';
  if (!mayWrite && !mayRotate) return null;
  return (
    <>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={`Actions for ${name}`}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite ? <Menu.Item onClick={() => setDialog('ping')}>Ping webhook</Menu.Item> : null}
          {mayWrite ? <Menu.Item onClick={() => setDialog('example')}>Send example</Menu.Item> : null}
          {mayWrite ? <Menu.Divider role="separator" /> : null}
          {mayWrite ? <Menu.Item onClick={() => setDialog('edit')}>Edit</Menu.Item> : null}
          {mayWrite && webhook.State === 'enabled' ? (
            <Menu.Item onClick={() => setDialog('pause')}>Pause</Menu.Item>
          ) : null}
          {mayWrite && webhook.State !== 'enabled' && !awaitsReader(webhook) ? (
            <Menu.Item onClick={() => setDialog('resume')}>Resume</Menu.Item>
          ) : null}
          {mayRotate && isSigned ? (
            <Menu.Item onClick={() => setDialog('rotate')}>Rotate secret</Menu.Item>
          ) : null}
          {mayWrite ? <Menu.Divider role="separator" /> : null}
          {mayWrite ? (
            <Menu.Item c="var(--bad)" onClick={() => setDialog('delete')}>
              Delete
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'ping' ? <PingDialog org={org} webhook={webhook} onClose={close} /> : null}
      {dialog === 'example' ? <ExampleDialog org={org} webhook={webhook} onClose={close} /> : null}
      {dialog === 'pause' ? <PauseDialog org={org} webhook={webhook} onClose={close} /> : null}
      {dialog === 'resume' ? <ResumeDialog org={org} webhook={webhook} onClose={close} /> : null}
      {dialog === 'rotate' ? (
        <RotateDialog org={org} webhook={webhook} onClose={close} onSecret={setSecret} />
      ) : null}
      {dialog === 'edit' ? <WebhookForm org={org} webhook={webhook} onClose={close} onDone={close} /> : null}
      {dialog === 'delete' ? <DeleteDialog org={org} webhook={webhook} onClose={close} /> : null}
      {secret === null ? null : (
        <SecretDialog title="The new signing secret" secret={secret} onClose={() => setSecret(null)} />
      )}
    </>
  );
}

interface DialogProps {
  readonly org: string;
  readonly webhook: Webhook;
  readonly onClose: () => void;
}

/** Changes something; then all that is shown of the organization is read anew. */
function useChange(org: string) {
  const client = useQueryClient();
  return async <T,>(change: (webhooks: OrganizationClient['webhooks']) => Promise<T>): Promise<T> => {
    const answer = await change(postrider.organization(org).webhooks);
    await client.invalidateQueries({ queryKey: [org] });
    return answer;
  };
}

function PauseDialog({ org, webhook, onClose }: DialogProps) {
  const change = useChange(org);
  return (
    <Confirm
      title="Pause this webhook?"
      confirm="Pause"
      onClose={onClose}
      act={() =>
        change((webhooks) => webhooks.pause(webhook.Id)).then(() => tellDone('Paused: events are held'))
      }
    >
      <Text>
        Nothing is sent until you resume it. Events are kept meanwhile; you decide then what becomes of them.
      </Text>
    </Confirm>
  );
}

function ResumeDialog({ org, webhook, onClose }: DialogProps) {
  const change = useChange(org);
  const [held, setHeld] = useState<ResumeWebhook['Held']>('deliver');
  const { data } = useQuery({
    queryKey: [org, 'held', webhook.Id],
    queryFn: () => postrider.organization(org).stats({ WebhookId: webhook.Id, From: 0 }),
    enabled: useMay('deliveries:read'),
  });
  const count = data === undefined ? 'what is' : String(data.Deliveries.Held);
  return (
    <Confirm
      title="Resume this webhook?"
      confirm="Resume"
      onClose={onClose}
      act={() =>
        change((webhooks) => webhooks.resume(webhook.Id, { Held: held })).then(() => tellDone('Resumed'))
      }
    >
      <Radio.Group<ResumeWebhook['Held']> label="What is held" value={held} onChange={setHeld}>
        <Stack gap="xs" mt="xs">
          <Radio value="deliver" label={`Deliver ${count} held`} />
          <Radio value="discard" label={`Discard ${count} held`} />
        </Stack>
      </Radio.Group>
    </Confirm>
  );
}

function RotateDialog({
  org,
  webhook,
  onClose,
  onSecret,
}: DialogProps & { readonly onSecret: (secret: string) => void }) {
  const change = useChange(org);
  const [grace, setGrace] = useState('86400');
  return (
    <Confirm
      title="Rotate the signing secret?"
      confirm="Rotate"
      danger={grace === '0'}
      onClose={onClose}
      act={async () => {
        const rotated = await change((webhooks) =>
          webhooks.rotateSecret(webhook.Id, { GraceSeconds: Number(grace) }),
        );
        if (rotated.SigningSecret !== null) onSecret(rotated.SigningSecret);
      }}
    >
      <Radio.Group label="Why" value={grace} onChange={setGrace}>
        <Stack gap="xs" mt="xs">
          <Radio
            value="86400"
            label="Planned"
            description="webhook-signature carries both signatures for 24 hours; X-Hub-Signature is the new one's from now on"
          />
          <Radio value="0" label="It has leaked" description="The old secret ends now" />
        </Stack>
      </Radio.Group>
    </Confirm>
  );
}

function DeleteDialog({ org, webhook, onClose }: DialogProps) {
  const change = useChange(org);
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const name = webhookName(webhook);
  return (
    <Confirm
      title="Delete this webhook?"
      confirm="Delete"
      danger
      disabled={typed !== name}
      onClose={onClose}
      act={async () => {
        await change((webhooks) => webhooks.delete(webhook.Id));
        tellDone('Deleted');
        navigate(`/o/${org}/webhooks`);
      }}
    >
      <Text>
        What is pending or held is cancelled
        {webhook.Type === 'webhook' ? ', and its secret is destroyed' : ''}. Its deliveries stay on record
        until they expire.
      </Text>
      <TextInput
        label={`Type “${name}” to confirm`}
        value={typed}
        autoComplete="off"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Confirm>
  );
}
