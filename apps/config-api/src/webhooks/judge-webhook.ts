// What the schemas leave open about a webhook: it depends on the installation (where webhooks may go), on the catalog of
// topics, and on the fields together.
import {
  ProblemError,
  type ErrorCode,
  type FieldError,
  type WebhookCreate,
  type WebhookPatch,
} from '@postrider/contracts';
import { judgeUrl, type EgressRules } from '@postrider/egress';
import { validateFilter, validateTopicPattern } from '@postrider/matching';

export type WantedWebhook = Pick<
  WebhookCreate | WebhookPatch,
  'Type' | 'Url' | 'Email' | 'Topics' | 'Filter'
>;

interface Wrong extends FieldError {
  readonly code: ErrorCode;
}

/**
 * Judges the fields that are given. Answers the URL as it is kept (WHATWG, host in Punycode), undefined where none is
 * given; throws a problem that names every wrong field.
 */
export function judgeWebhook(
  wanted: WantedWebhook,
  isNew: boolean,
  topics: readonly string[],
  egress: EgressRules,
): { readonly url: string | undefined } {
  const wrong: Wrong[] = [];
  let url: string | undefined;
  if (wanted.Type !== undefined && wanted.Type !== 'webhook') {
    wrong.push(invalid('/Type', `${wanted.Type} is not available in this release: use webhook`));
  } else {
    if (wanted.Email !== undefined) {
      wrong.push(invalid('/Email', 'a webhook of Type webhook has a Url and no Email: remove it'));
    }
    if (isNew && wanted.Url === undefined) wrong.push(invalid('/Url', 'is required (string)'));
  }
  if (wanted.Url !== undefined) {
    const judgement = judgeUrl(wanted.Url, egress);
    if (judgement.ok) url = judgement.url;
    else wrong.push({ code: 'url_forbidden', pointer: '/Url', detail: judgement.detail });
  }
  wrong.push(...wrongTopics(wanted.Topics ?? [], topics), ...wrongRules(wanted.Filter ?? []));
  if (wrong.length > 0) throw toProblem(wrong);
  return { url };
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
