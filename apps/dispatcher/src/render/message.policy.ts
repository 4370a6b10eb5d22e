// What a renderer is given, and what it makes of it.
import type { AttemptTrigger } from '@postrider/contracts';
import type { Story } from './story.policy.js';

export interface MessageContext {
  readonly story: Story;
  readonly topic: string;
  readonly eventId: string;
  readonly alias: string | null;
  readonly trigger: AttemptTrigger;
}

/** The body of a request to a chat service: JSON text. */
export type ChatRenderer = (context: MessageContext) => string;
