// What an event says to a person, whichever way it is told: a title, facts, a text, a link. A job's execution is told by
// what matters of it; any other topic by what stands in its Data.
import { PING_TOPIC } from '@postrider/contracts';
import { clip, lines, oneLine } from './clip.policy.js';

/** See readable-event.ts. */
export interface StoryEvent {
  readonly topic: string;
  readonly createdAt: number;
  readonly resource: string | null;
  readonly actor: { readonly Type: string; readonly Id: string } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export type Tone = 'good' | 'bad' | 'neutral';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Story {
  readonly title: string;
  readonly tone: Tone;
  readonly facts: readonly Fact[];
  /** What the job or the publisher says, maybe of several lines. */
  readonly text: string | null;
  /** http or https. */
  readonly link: string | null;
}

const maxFacts = 10;
const maxValue = 200;
const maxTitle = 140;
const maxText = 1_500;

export function tellStory(event: StoryEvent): Story {
  if (event.topic === PING_TOPIC) return tellPing(event);
  return /^job\.execution\./.test(event.topic) ? tellExecution(event) : tellAnything(event);
}

function tellPing({ data }: StoryEvent): Story {
  const name = textOf(data['Alias']);
  return {
    title: 'Ping from Postrider',
    tone: 'good',
    facts: name === null ? [] : [{ label: 'Webhook', value: clip(oneLine(name), maxValue) }],
    text: 'Somebody has pinged this webhook: messages arrive.',
    link: null,
  };
}

function tellExecution({ topic, createdAt, data }: StoryEvent): Story {
  const state = first(data, ['State', 'Status']) ?? topic.slice(topic.lastIndexOf('.') + 1);
  const command = first(data, ['Target.Command', 'Command']);
  const name =
    first(data, [
      'Alias',
      'Nickname',
      'JobAlias',
      'JobNickname',
      'JobName',
      'Name',
      'Job.Alias',
      'Job.Name',
    ]) ??
    command ??
    first(data, ['JobId', 'Id']) ??
    'Job';
  const started = timeOf(first(data, ['StartedAt', 'StartTime', 'StartAt']));
  const ended = timeOf(first(data, ['EndedAt', 'FinishedAt', 'CompletedAt', 'EndTime']));
  const durationMs = numberOf(first(data, ['DurationMs'])) ?? between(started, ended);
  const facts = facing([
    ['State', state],
    ['Exit status', first(data, ['ExitCode', 'ExitStatus', 'StatusCode'])],
    ['Command', command],
    ['Job', first(data, ['JobId'])],
    ['Started', started === null ? null : isoTime(started)],
    ['Ended', ended === null ? null : isoTime(ended)],
    ['Duration', durationMs === null ? null : duration(durationMs)],
    ['Reported', started === null && ended === null ? isoTime(createdAt) : null],
  ]);
  return {
    title: clip(oneLine(`${name} ${stateWord(state)}`), maxTitle),
    tone: toneOf(topic, state),
    facts,
    text: bodyText(data),
    link: linkOf(data),
  };
}

function tellAnything({ topic, createdAt, resource, actor, data }: StoryEvent): Story {
  const members = Object.entries(data).flatMap(([key, value]): [string, string | null][] => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[key, textOf(value)]];
    return Object.entries(value).map(([inner, member]) => [`${key}.${inner}`, textOf(member)]);
  });
  const titled = first(data, ['Title', 'Subject', 'Summary', 'Name']);
  return {
    title: clip(oneLine(titled === null ? topic : `${topic}: ${titled}`), maxTitle),
    tone: toneOf(topic, first(data, ['State', 'Status']) ?? ''),
    facts: facing([
      ['Resource', resource],
      ['By', actor === null ? null : `${actor.Type} ${actor.Id}`],
      ...members.filter(([key]) => !shownElsewhere.has(key)),
      ['Time', isoTime(createdAt)],
    ]),
    text: bodyText(data),
    link: linkOf(data),
  };
}

const textFields = ['Message', 'Error', 'Error.Message', 'Reason', 'Text', 'Output'];
const linkFields = ['Url', 'Link', 'LogUrl', 'LogsUrl', 'DashboardUrl', 'Links.Self', 'Job.Url'];
const shownElsewhere = new Set(['Title', 'Subject', 'Summary', ...textFields, ...linkFields]);

function bodyText(data: StoryEvent['data']): string | null {
  const text = first(data, textFields);
  return text === null ? null : clip(lines(text), maxText);
}

function linkOf(data: StoryEvent['data']): string | null {
  for (const field of linkFields) {
    const link = first(data, [field]);
    if (link === null || link.length > 2_000 || !URL.canParse(link)) continue;
    const { protocol, href } = new URL(link);
    if (protocol === 'https:' || protocol === 'http:') return href;
  }
  return null;
}

/** The first of these paths that holds a text, a number or a boolean. */
function first(data: unknown, paths: readonly string[]): string | null {
  for (const path of paths) {
    let value: unknown = data;
    for (const part of path.split('.')) {
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined;
    }
    const text = textOf(value);
    if (text !== null) return text;
  }
  return null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function facing(candidates: readonly (readonly [string, string | null])[]): Fact[] {
  return candidates
    .flatMap(([label, value]) =>
      value === null ? [] : [{ label: clip(oneLine(label), 60), value: clip(oneLine(value), maxValue) }],
    )
    .filter(({ label, value }) => label !== '' && value !== '')
    .slice(0, maxFacts);
}

function stateWord(state: string): string {
  switch (state.toLowerCase()) {
    case 'failed':
      return 'failed';
    case 'succeeded':
      return 'succeeded';
    case 'started':
      return 'started';
    default:
      return `is ${state}`;
  }
}

function toneOf(topic: string, state: string): Tone {
  if (/\b(fail(ed|ure)?|error(ed)?|timed_?out|crashed)\b/i.test(`${topic} ${state}`)) return 'bad';
  return /\b(succeed(ed)?|success|completed?|paid|resolved)\b/i.test(`${topic} ${state}`)
    ? 'good'
    : 'neutral';
}

function numberOf(text: string | null): number | null {
  const number = text === null ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** Epoch ms of a time in epoch ms, or in ISO 8601. */
function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) && /^\d{4}-|^\d{12,14}$/.test(text) ? ms : null;
}

function between(started: number | null, ended: number | null): number | null {
  return started === null || ended === null || ended < started ? null : ended - started;
}

/** As `2025-11-24 03:10:11 UTC`. */
export function isoTime(ms: number): string {
  if (!(ms >= 0 && ms <= 8_640_000_000_000_000)) return String(ms);
  return `${new Date(ms).toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return parts
    .map((part, index) => (part === 0 ? '' : `${part} ${['h', 'min', 's'][index]}`))
    .filter((part) => part !== '')
    .join(' ');
}
