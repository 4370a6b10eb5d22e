// The fields of the form, and what the API takes.
import {
  defaultTimeoutSeconds,
  WebhookCreate,
  type FieldError,
  type FilterRule,
  type Webhook,
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
    RetrySchedule: webhook?.RetrySchedule?.join(', ') ?? '',
    RateLimitPerSecond: webhook?.RateLimitPerSecond ?? '',
  };
}

/** What is wrong with a URL as far as can be told before the server judges it; null when nothing is. */
export function urlProblem(text: string): string | null {
  if (text === '') return 'Where the events go, such as https://example.com/webhooks';
  if (!URL.canParse(text)) return 'This is not a URL yet: it should begin with https://';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'Use https://';
  if (username !== '' || password !== '') return 'Leave out user and password: use the Authorization header';
  return hash === '' ? null : 'Leave out what follows the #';
}

export function bodyOf(fields: WebhookFields, isNew: boolean): Record<string, unknown> {
  const isEmail = fields.Type === 'email';
  const schedule = fields.RetrySchedule.trim();
  return {
    Alias: fields.Alias.trim() || null,
    ...(isNew ? { Type: fields.Type } : {}),
    ...(isEmail ? { Email: fields.Email.trim() } : { Url: fields.Url.trim() }),
    ...(fields.Authorization === '' ? {} : { Authorization: fields.Authorization }),
    ...(fields.RemoveAuthorization ? { Authorization: null } : {}),
    Topics: fields.Topics,
    Filter: fields.Filter.length === 0 ? null : fields.Filter,
    TimeoutSeconds: fields.TimeoutSeconds === '' ? null : fields.TimeoutSeconds,
    RetrySchedule: schedule === '' ? null : schedule === '-' ? [] : schedule.split(/[\s,]+/).map(Number),
    RateLimitPerSecond: fields.RateLimitPerSecond === '' ? null : fields.RateLimitPerSecond,
  };
}

/** What is wrong with the fields by the contract's own rules: field name → words. */
export function problemsOf(fields: WebhookFields): Record<string, string> {
  const problems: Record<string, string> = {};
  const body = bodyOf(fields, true);
  const parsed = WebhookCreate.safeParse({
    ...body,
    TimeoutSeconds: body['TimeoutSeconds'] ?? defaultTimeoutSeconds,
  });
  for (const issue of parsed.error?.issues ?? []) problems[String(issue.path[0])] ??= issue.message;
  const url = fields.Type === 'email' ? null : urlProblem(fields.Url.trim());
  if (url !== null) problems['Url'] = url;
  if (fields.Topics.length === 0) problems['Topics'] = 'Choose at least one topic';
  return problems;
}

/** What the API found wrong: field name → words. */
export function fieldProblems(errors: readonly FieldError[]): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const name = pointer?.split('/')[1];
    if (name !== undefined) problems[name] ??= detail;
  }
  return problems;
}
