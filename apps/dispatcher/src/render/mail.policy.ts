// A mail that tells what happened, and the one that asks whether its reader wants to be told.
import { clip, oneLine } from './clip.policy.js';
import { sourceOf, type MessageContext } from './message.policy.js';
import type { Story } from './story.policy.js';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `unsubscribe`: the link by which its reader gets no more, where there is one. */
export function renderMail(context: MessageContext, unsubscribe: string | null): RenderedMail {
  const { story, alias } = context;
  const source = sourceOf(context);
  const facts = story.facts.map(({ label, value }) => `${label}: ${value}`).join('\n');
  const footer = [
    source,
    unsubscribe === null ? null : `To get no more of these mails: ${unsubscribe}`,
  ].filter((line) => line !== null);
  const text = [story.title, facts, story.text, story.link, `-- \n${footer.join('\n')}`]
    .filter((part) => part !== null && part !== '')
    .join('\n\n');
  return {
    subject: subjectOf(story, alias),
    text: `${text}\n`,
    html: page([
      `<h2>${escaped(story.title)}</h2>`,
      table(story),
      story.text === null ? '' : `<pre>${escaped(story.text)}</pre>`,
      story.link === null ? '' : `<p><a href="${escaped(story.link)}">Open</a></p>`,
      `<p><small>${escaped(source)}${
        unsubscribe === null ? '' : `<br><a href="${escaped(unsubscribe)}">Get no more of these mails</a>`
      }</small></p>`,
    ]),
  };
}

/** Asks the reader of a new address; nothing else is sent there before they have agreed. */
export function renderConfirmation(alias: string | null, link: string): RenderedMail {
  const what = alias === null ? 'notifications' : `the notifications “${clip(oneLine(alias), 100)}”`;
  const ask = `Somebody wants ${what} to be sent to this address. If you want that, follow this link and agree; if not, do nothing.`;
  return {
    subject: 'Do you want to get notifications?',
    text: `${ask}\n\n${link}\n`,
    html: page([`<p>${escaped(ask)}</p>`, `<p><a href="${escaped(link)}">${escaped(link)}</a></p>`]),
  };
}

function subjectOf({ title }: Story, alias: string | null): string {
  return clip(oneLine(alias === null ? title : `[${oneLine(alias)}] ${title}`), 200);
}

function table({ facts }: Story): string {
  if (facts.length === 0) return '';
  const rows = facts.map(
    ({ label, value }) => `<tr><td><b>${escaped(label)}</b></td><td>${escaped(value)}</td></tr>`,
  );
  return `<table cellpadding="4">${rows.join('')}</table>`;
}

function page(parts: readonly string[]): string {
  return `<!doctype html><html><body style="font-family:sans-serif">${parts.join('')}</body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
