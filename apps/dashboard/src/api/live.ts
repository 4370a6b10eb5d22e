import type { LiveDeliveries } from '@postrider/contracts';
import { useEffect, useRef, useState } from 'react';
import { postrider } from './client.js';

/** Whether changes are told as they happen; while connecting, the client tries again by itself. */
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
    const gone = new AbortController();
    const watch = async (): Promise<void> => {
      const live = postrider.organization(org).live({
        WebhookId: webhookId,
        signal: gone.signal,
        onOpen: () => setState('live'),
        onBreak: () => setState('connecting'),
      });
      for await (const changes of live) handler.current(changes);
    };
    // Not without an end of the session, or of the right to look.
    watch().catch(() => setState('off'));
    return () => gone.abort();
  }, [org, webhookId]);
  return state;
}
