import { LiveDeliveries } from '@postrider/contracts';
import { useEffect, useRef, useState } from 'react';
import { organizationPath, withQuery } from './client.js';

/** Whether changes are told as they happen; while not, EventSource tries again by itself. */
export type LiveState = 'connecting' | 'live' | 'off';

/** Calls `onChange` with deliveries as they change. */
export function useLive(
  org: string,
  webhookId: string | undefined,
  onChange: (changes: LiveDeliveries) => void,
): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const handler = useRef(onChange);
  useEffect(() => {
    handler.current = onChange;
  });
  useEffect(() => {
    const source = new EventSource(withQuery(`${organizationPath(org)}/live`, { WebhookId: webhookId }));
    source.onopen = () => setState('live');
    source.onerror = () => setState(source.readyState === EventSource.CLOSED ? 'off' : 'connecting');
    source.addEventListener('deliveries', (event: MessageEvent<string>) => {
      const changes = LiveDeliveries.safeParse(JSON.parse(event.data));
      if (changes.success) handler.current(changes.data);
    });
    return () => source.close();
  }, [org, webhookId]);
  return state;
}
