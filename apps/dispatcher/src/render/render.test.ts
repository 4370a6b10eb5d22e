// Events as messages: against what was recorded (test/fixtures), and against the limits of the services.
import { describe, expect, test } from '@jest/globals';
import { slackRefuses, teamsRefuses } from '@postrider/test-kit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatRenderer, MessageContext } from './message.policy.js';
import { readableEvent } from './readable-event.js';
import { renderSlack } from './slack.policy.js';
import { tellStory } from './story.policy.js';
import { renderTeams } from './teams.policy.js';

function fixture<T>(name: string): Record<string, T> {
  const path = join(import.meta.dirname, '..', '..', 'test', 'fixtures', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, T>;
}

const events = fixture<string>('events');
const recorded = fixture<Record<'slack' | 'teams', unknown>>('messages');
const prefixOf = (text: string) => Buffer.from(text.slice(0, -1));

function contextOf(text: string): MessageContext {
  const event = readableEvent(prefixOf(text));
  const { id, topic } = event;
  return { story: tellStory(event), event: { topic, id }, alias: 'Ops & co', events: 1 };
}

describe.each(Object.entries(events))('%s', (name, text) => {
  test('reads as recorded', () => {
    const context = contextOf(text);
    expect({
      slack: JSON.parse(renderSlack(context)) as unknown,
      teams: JSON.parse(renderTeams(context)) as unknown,
    }).toEqual(recorded[name]);
  });
});

test('every digit of a number is told', () => {
  expect(renderSlack(contextOf(events['another topic'] ?? ''))).toContain('12345678901234567890');
});

const services: [string, ChatRenderer, (body: string) => string | null][] = [
  ['slack', renderSlack, slackRefuses],
  ['teams', renderTeams, teamsRefuses],
];
const long = 250_000;
const hostile: [string, unknown][] = [
  ['nothing', {}],
  ['empty and odd values', { State: '', Message: ' ', Alias: null, Target: 'text', ExitCode: {} }],
  ['a text of line ends', { Message: '\n'.repeat(long) }],
  ['what doubles when it is escaped', { Alias: '&'.repeat(long), Message: '<'.repeat(long) }],
  [
    'what becomes six characters in JSON',
    { Alias: '\u0001'.repeat(long), Message: '\u0007"\\'.repeat(long) },
  ],
  [
    'four bytes a character',
    { Alias: '🚀'.repeat(long), Message: '🚀'.repeat(long), JobId: '🚀'.repeat(long) },
  ],
  ['half characters', { Alias: '\ud83d', Message: '\ude80\ud83d' }],
  [
    'a thousand fields',
    Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`&key${n}`, '<'.repeat(500)])),
  ],
  ['control of the channel', { Alias: '<!channel> *x*', Message: '```<@U1> https://evil.example' }],
  ['own members', JSON.parse('{"__proto__":{"a":1},"constructor":"x","toString":{"b":2}}')],
  ['links that are none', { Url: 'javascript:alert(1)' }],
  ['a long link', { Url: `https://example.com/${'x'.repeat(long)}` }],
];

describe.each(services)('%s takes', (_service, render, refuses) => {
  test.each(hostile)('%s', (_what, data) => {
    for (const topic of ['job.execution.failed', 'order.paid', 'webhook.ping']) {
      const Resource = 'x'.repeat(100);
      const text = JSON.stringify({ Id: 'e', Topic: topic, CreatedAt: 1, Resource, Data: data });
      const body = render(contextOf(text));
      expect(refuses(body)).toBeNull();
      expect(body).not.toMatch(/javascript:|"https:\/\/evil/);
    }
  });
});
