import type { DeliveriesQuery } from '@postrider/client';
import type { DeliveryStatus, DeliveryWithAttempts } from '@postrider/contracts';
import { Option, type Command } from 'commander';
import { deliveryStatuses } from '../choices.js';
import { contextOf, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { integerArgument, timeArgument } from '../parse.js';
import { deliveriesTable, deliveryText } from '../show.js';
import { until } from '../until.js';

interface ListOptions {
  readonly webhook?: string;
  readonly status?: DeliveryStatus;
  readonly topic?: string;
  readonly event?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
}

export function addDeliveries(program: Command): void {
  const deliveries = program.command('deliveries').description('look into the delivery log');
  deliveries
    .command('list', { isDefault: true })
    .description('list deliveries, newest first')
    .option('--webhook <id>', 'of this webhook')
    .addOption(new Option('--status <status>', 'with this status').choices(deliveryStatuses))
    .option('--topic <topic>', 'of events with this topic')
    .option('--event <id>', 'of this event')
    .option('--from <time>', 'created at or after: 2h, 2026-01-31T08:00:00Z, epoch ms', timeArgument)
    .option('--to <time>', 'created at or before', timeArgument)
    .option('--limit <n>', 'how many, 1..100', integerArgument(1, 100), 25)
    .option('--cursor <text>', 'NextCursor of the page before')
    .action(async (options: ListOptions, command: Command) => {
      const context = contextOf(command);
      const page = await (await context.organization()).deliveries.list(queryOf(options));
      context.output.result(page, () => deliveriesTable(context.output, page.Data));
      if (page.NextCursor !== null) context.output.note(`There are more: --cursor ${page.NextCursor}`);
    });
  deliveries
    .command('show <id>')
    .description('show a delivery with its attempts: requests as they were sent, answers as they came')
    .action(async (id: string, _options: object, command: Command) => {
      const context = contextOf(command);
      const delivery = await (await context.organization()).deliveries.get(id);
      context.output.result(delivery, () => deliveryText(context.output, delivery));
    });
}

function queryOf({ webhook, status, topic, event, from, to, limit, cursor }: ListOptions): DeliveriesQuery {
  return {
    Limit: limit,
    ...(webhook === undefined ? {} : { WebhookId: webhook }),
    ...(status === undefined ? {} : { Status: status }),
    ...(topic === undefined ? {} : { Topic: topic }),
    ...(event === undefined ? {} : { EventId: event }),
    ...(from === undefined ? {} : { From: from }),
    ...(to === undefined ? {} : { To: to }),
    ...(cursor === undefined ? {} : { Cursor: cursor }),
  };
}

/** An attempt may take 30 s, and wait for its turn before. */
const attemptPatienceMs = 60_000;

export function addResend(program: Command): void {
  program
    .command('resend <delivery>')
    .description('send a delivery once more, now, whatever its status; fails unless it was received')
    .option('--no-wait', 'do not wait for what becomes of it')
    .action(async (id: string, { wait }: { wait: boolean }, command: Command) => {
      const context = contextOf(command);
      const { deliveries } = await context.organization();
      const asked = await deliveries.resend(id);
      if (!wait) {
        context.output.result(asked, () => `Asked for. What becomes of it: postrider deliveries show ${id}`);
        return;
      }
      const before = asked.Attempts.length;
      const after = await until(attemptPatienceMs, async () => {
        const now = await deliveries.get(id);
        return now.Attempts.length > before ? now : null;
      });
      if (after === null) {
        throw new CliError(
          `No attempt was made within ${attemptPatienceMs / 1_000} s.`,
          'Is its webhook paused, or the dispatcher away? `postrider webhooks`, `postrider doctor`.',
        );
      }
      tellLast(context, after);
    });
}

function tellLast({ output }: Context, delivery: DeliveryWithAttempts): void {
  output.result(delivery, () => deliveryText(output, { ...delivery, Attempts: delivery.Attempts.slice(-1) }));
  if (delivery.Attempts.at(-1)?.Error !== null) process.exitCode = 1;
}
