// What the schemas leave open about a webhook: it depends on the installation (where webhooks may go), on the catalog of
// topics, and on the fields together.
import {
  parseMailAddress,
  ProblemError,
  type ErrorCode,
  type FieldError,
  type WebhookCreate,
  type WebhookPatch,
  type WebhookType,
} from '@postrider/contracts';
import { judgeUrl, type EgressRules } from '@postrider/egress';
import { wrongHost } from './service-host.policy.js';
import { validateFilter, validateTopicPattern } from '@postrider/matching';

export type WantedWebhook = Pick<
  WebhookCreate | WebhookPatch,
  'Type' | 'Url' | 'Email' | 'Authorization' | 'Topics' | 'Filter'
>;

interface Circumstances {
  readonly isNew: boolean;
  readonly sendsMail: boolean;
}

interface Wrong extends FieldError {
  readonly code: ErrorCode;
}

/**
 * Judges the fields that are given. Answers the URL as it is kept (WHATWG, host in Punycode), undefined where none is
 * given; throws a problem that names every wrong field.
 */
export function judgeWebhook(
  wanted: WantedWebhook,
  /** Its type, where there is one already. */
  typeBefore: WebhookType | null,
  topics: readonly string[],
  egress: EgressRules,
  sendsMail: boolean,
): { readonly url: string | undefined } {
  const wrong: Wrong[] = [];
  const type = typeBefore ?? wanted.Type ?? 'webhook';
  if (typeBefore !== null && wanted.Type !== undefined && wanted.Type !== typeBefore) {
    wrong.push(invalid('/Type', `is ${typeBefore} and stays so: create another webhook`));
  }
  wrong.push(...wrongFields(wanted, type, { isNew: typeBefore === null, sendsMail }));
  let url: string | undefined;
  if (wanted.Url !== undefined && type !== 'email') {
    const judgement = judgeUrl(wanted.Url, egress);
    const detail = judgement.ok ? wrongHost(type, judgement.host) : judgement.detail;
    if (judgement.ok && detail === null) url = judgement.url;
    else wrong.push({ code: 'url_forbidden', pointer: '/Url', detail: detail ?? '' });
  }
  wrong.push(...wrongTopics(wanted.Topics ?? [], topics), ...wrongRules(wanted.Filter ?? []));
  if (wrong.length > 0) throw toProblem(wrong);
  return { url };
}

/** Which fields a type has. */
function wrongFields(wanted: WantedWebhook, type: WebhookType, { isNew, sendsMail }: Circumstances): Wrong[] {
  const wrong: Wrong[] = [];
  const [has, hasNot] = type === 'email' ? (['Email', 'Url'] as const) : (['Url', 'Email'] as const);
  if (type === 'email' && isNew && !sendsMail) {
    wrong.push(invalid('/Type', 'email is not available: this installation has no mail server configured'));
  }
  if (wanted[hasNot] !== undefined) {
    wrong.push(invalid(`/${hasNot}`, `a webhook of Type ${type} has ${has} and no ${hasNot}: remove it`));
  }
  if (isNew && wanted[has] === undefined) wrong.push(invalid(`/${has}`, 'is required (string)'));
  if (type === 'email' && wanted.Email !== undefined && parseMailAddress(wanted.Email) === null) {
    wrong.push(invalid('/Email', 'must be an address, or Name <address>'));
  }
  if (type !== 'webhook' && wanted.Authorization != null) {
    wrong.push(invalid('/Authorization', `a webhook of Type ${type} takes none: remove it`));
  }
  return wrong;
}

function wrongTopics(patterns: readonly string[], topics: readonly string[]): Wrong[] {
  return patterns.flatMap((pattern, index): Wrong[] => {
    const judgement = validateTopicPattern(pattern, topics);
    if (judgement.valid) return [];
    return [{ code: 'unknown_topic', pointer: `/Topics/${index}`, detail: judgement.detail }];
  });
}

function wrongRules(filter: NonNullable<WantedWebhook['Filter']>): Wrong[] {
  return validateFilter(filter).map(({ pointer, detail }) => invalid(`/Filter${pointer}`, detail));
}

function invalid(pointer: string, detail: string): Wrong {
  return { code: 'invalid_fields', pointer, detail };
}

/** The code says what is wrong where all that is wrong is of one kind. */
function toProblem(wrong: readonly Wrong[]): ProblemError {
  const codes = new Set(wrong.map((error) => error.code));
  const [only] = codes;
  const [first] = wrong;
  return new ProblemError(
    codes.size === 1 && only !== undefined ? only : 'invalid_fields',
    `${first?.pointer} ${first?.detail}`,
    wrong.map(({ pointer, detail }) => ({ pointer, detail })),
  );
}
