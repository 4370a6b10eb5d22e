import { Button } from '@mantine/core';
import type { Webhook } from '@postrider/contracts';
import { useMutation } from '@tanstack/react-query';
import { postrider } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Notice, tellDone, tellProblem } from '../parts/Feedback.js';

/** Above a webhook of Type email of which the reader has not agreed yet. */
export function ConfirmationNotice({ org, webhook }: { readonly org: string; readonly webhook: Webhook }) {
  const may = useMay('webhooks:write');
  const send = useMutation({
    mutationFn: () => postrider.organization(org).webhooks.sendConfirmation(webhook.Id),
    onSuccess: () => tellDone(`Another mail is on its way to ${webhook.Email ?? 'the address'}`),
    onError: tellProblem,
  });
  return (
    <Notice
      tone="wait"
      action={
        may ? (
          <Button size="xs" variant="default" loading={send.isPending} onClick={() => send.mutate()}>
            Send the mail again
          </Button>
        ) : null
      }
    >
      <b>Waiting for the reader to agree.</b> We have mailed a link to <bdi>{webhook.Email}</bdi>. Events are
      held until it is followed.
    </Notice>
  );
}
