// What a renderer is given, and what it makes of it.
import { clip, oneLine } from './clip.policy.js';
import type { Story } from './story.policy.js';

export interface MessageContext {
  readonly story: Story;
  readonly alias: string | null;
  /** The event that is told; null where the message is a digest. */
  readonly event: { readonly topic: string; readonly id: string } | null;
  /** How many events are told: more than one in a digest. */
  readonly events: number;
}

/** The body of a request to a chat service: JSON text. */
export type ChatRenderer = (context: MessageContext) => string;

/** Where a message comes from: its last line, wherever it is read. */
export function sourceOf({ alias, event, events }: MessageContext): string {
  const what = event === null ? [`${events} events in one message`] : [event.topic, event.id];
  return [...(alias === null ? [] : [clip(oneLine(alias), 100)]), ...what].join(' · ');
}
