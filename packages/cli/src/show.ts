// How things of the API read on a terminal.
import type { Delivery, DeliveryWithAttempts, Replay, Webhook } from '@postrider/contracts';
import { fields, printable, table, time, type Output } from './output.js';

export const outcomeOf = ({ LastStatusCode, LastError, DurationMs, AttemptsCount }: Delivery): string => {
  if (AttemptsCount === 0) return 'no attempt yet';
  const what = LastStatusCode ?? LastError?.Code ?? '-';
  return `${what} in ${DurationMs ?? '?'} ms`;
};

export function deliveriesTable(output: Output, deliveries: readonly Delivery[]): string {
  if (deliveries.length === 0) return 'No deliveries.';
  const rows = deliveries.map((one) => [
    time(one.CreatedAt),
    output.status(one.Status),
    one.Topic,
    outcomeOf(one),
    `${one.AttemptsCount}`,
    one.Id,
  ]);
  return table([['CREATED (UTC)', 'STATUS', 'TOPIC', 'LAST ATTEMPT', 'ATTEMPTS', 'ID'], ...rows]);
}

export function deliveryText(output: Output, delivery: DeliveryWithAttempts): string {
  const { Attempts, LastError, CreatedAt, UpdatedAt, NextAttemptAt, Status, ...rest } = delivery;
  const head = fields({
    Status: output.status(Status),
    ...rest,
    LastError: LastError === null ? null : `${LastError.Code}: ${LastError.Message}`,
    NextAttemptAt: time(NextAttemptAt),
    CreatedAt: time(CreatedAt),
    UpdatedAt: time(UpdatedAt),
  });
  const attempts = Attempts.map((attempt) => {
    const outcome =
      attempt.Error === null
        ? output.paint('green', `${attempt.StatusCode}`)
        : output.paint('red', `${attempt.Error.Code}: ${printable(attempt.Error.Message)}`);
    const title = output.paint('bold', `Attempt ${attempt.Number}`);
    const { Request, Response } = attempt;
    return [
      `${title} (${attempt.Trigger}) at ${time(attempt.StartedAt)}, ${attempt.DurationMs} ms: ${outcome}`,
      `  POST ${Request.Url}`,
      headerLines(Request.Headers),
      indent(Request.Body),
      ...(Response === null
        ? ['  no answer']
        : [
            `  answered ${attempt.StatusCode}`,
            headerLines(Response.Headers),
            indent(Response.Body + (Response.Truncated ? ' …' : '')),
          ]),
    ]
      .filter((line) => line !== '')
      .join('\n');
  });
  return [head, ...attempts].join('\n\n');
}

const indent = (text: string): string => (text === '' ? '' : printable(text).replaceAll(/^/gm, '    '));

const headerLines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `    ${printable(name)}: ${printable(value)}`)
    .join('\n');

export const addressOf = ({ Url, Email }: Webhook): string => Url ?? Email ?? '-';

export function webhooksTable(output: Output, webhooks: readonly Webhook[]): string {
  if (webhooks.length === 0) return 'No webhooks yet. Make one: postrider webhooks create <url>';
  const rows = webhooks.map((one) => [
    one.Id,
    one.Alias ?? '-',
    output.status(one.State),
    one.Type,
    addressOf(one),
    one.Topics.join(' '),
  ]);
  return table([['ID', 'ALIAS', 'STATE', 'TYPE', 'ADDRESS', 'TOPICS'], ...rows]);
}

const timeFields = /At$/;

/** Every field, times as people read them. */
export function recordText(value: object): string {
  return fields(
    Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [
        name,
        timeFields.test(name) && typeof one === 'number' ? time(one) : one,
      ]),
    ),
  );
}

export const replayText = ({ State, Total, Succeeded, Failed }: Replay): string =>
  `${State}: ${Succeeded} succeeded, ${Failed} failed, of ${Total}`;
