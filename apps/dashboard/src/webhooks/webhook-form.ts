// The fields of the form, and what the API takes.
import type { WebhookInput } from '@postrider/client';
import {
  defaultTimeoutSeconds,
  parseMailAddress,
  WebhookCreate,
  type FilterRule,
  type Webhook,
  type WebhookPatch,
  type WebhookType,
} from '@postrider/contracts';

export interface WebhookFields {
  readonly Alias: string;
  readonly Type: WebhookType;
  readonly Url: string;
  readonly Email: string;
  /** Empty: as it is (none, when the webhook is made). */
  readonly Authorization: string;
  readonly RemoveAuthorization: boolean;
  readonly Topics: string[];
  readonly Filter: FilterRule[];
  readonly TimeoutSeconds: number | string;
  readonly RetrySchedule: string;
  readonly RateLimitPerSecond: number | string;
}

/** As the field takes it: empty for the usual one, `-` for none. */
const scheduleText = (schedule: readonly number[] | null): string =>
  schedule?.length === 0 ? '-' : (schedule?.join(', ') ?? '');

export function fieldsOf(webhook: Webhook | null): WebhookFields {
  return {
    Alias: webhook?.Alias ?? '',
    Type: webhook?.Type ?? 'webhook',
    Url: webhook?.Url ?? '',
    Email: webhook?.Email ?? '',
    Authorization: '',
    RemoveAuthorization: false,
    Topics: webhook?.Topics ?? [],
    Filter: webhook?.Filter ?? [],
    TimeoutSeconds: webhook?.TimeoutSeconds ?? defaultTimeoutSeconds,
    RetrySchedule: scheduleText(webhook?.RetrySchedule ?? null),
    RateLimitPerSecond: webhook?.RateLimitPerSecond ?? '',
  };
}

/** What is wrong with a URL as far as can be told before the server judges it; null when nothing is. */
export function urlProblem(text: string): string | null {
  if (text === '') return 'Where the events go: a URL that begins with https://';
  if (!URL.canParse(text)) return 'This is not a URL yet: it should begin with https://';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Use https://';
  if (username !== '' || password !== '') return 'Leave out user and password: use the Authorization header';
  return hash === '' ? null : 'Leave out what follows the #';
}

/** What is taken alike for a new webhook and for one that there is. */
function settingsOf(fields: WebhookFields) {
  const schedule = fields.RetrySchedule.trim();
  return {
    Alias: fields.Alias.trim() || null,
    ...(fields.Type === 'email' ? { Email: fields.Email.trim() } : { Url: fields.Url.trim() }),
    Topics: fields.Topics,
    Filter: fields.Filter.length === 0 ? null : fields.Filter,
    RetrySchedule: schedule === '' ? null : schedule === '-' ? [] : schedule.split(/[\s,]+/).map(Number),
    RateLimitPerSecond: numberOf(fields.RateLimitPerSecond),
    // Only webhooks carry one; the field may still hold what was typed before another type was chosen.
    ...(fields.Type === 'webhook' && fields.Authorization !== ''
      ? { Authorization: fields.Authorization }
      : {}),
    ...(fields.RemoveAuthorization ? { Authorization: null } : {}),
  };
}

/** Null: left empty. */
const numberOf = (field: number | string): number | null => (field === '' ? null : Number(field));

/** Of a new webhook: what is left empty is what is usual. */
export function inputOf(fields: WebhookFields): WebhookInput {
  const timeout = numberOf(fields.TimeoutSeconds);
  return {
    ...settingsOf(fields),
    Type: fields.Type,
    ...(timeout === null ? {} : { TimeoutSeconds: timeout }),
  };
}

/** Of one that there is: null makes what is left empty the usual again. */
export function patchOf(fields: WebhookFields): WebhookPatch {
  return { ...settingsOf(fields), TimeoutSeconds: numberOf(fields.TimeoutSeconds) };
}

/** What is wrong with the fields by the contract's own rules: field name → words. */
export function problemsOf(fields: WebhookFields): Record<string, string> {
  const problems: Record<string, string> = {};
  const parsed = WebhookCreate.safeParse(inputOf(fields));
  for (const issue of parsed.error?.issues ?? []) problems[String(issue.path[0])] ??= issue.message;
  if (fields.Type === 'email') {
    if (parseMailAddress(fields.Email.trim()) === null) {
      problems['Email'] = 'An address such as ops@example.com, or Ops <ops@example.com>';
    }
  } else {
    const url = urlProblem(fields.Url.trim());
    if (url !== null) problems['Url'] = url;
  }
  if (fields.Filter.some(({ Field }) => Field.trim() === '')) {
    problems['Filter'] = 'A rule has no field yet: choose one, or remove the rule';
  }
  if (fields.Topics.length === 0) problems['Topics'] = 'Choose at least one topic';
  return problems;
}
