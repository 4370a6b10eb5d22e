import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrganizationClient, ReplayInput } from '@postrider/client';
import type { DeliveryStatus, Replay } from '@postrider/contracts';
import { Option, type Command } from 'commander';
import { deliveryStatuses } from '../choices.js';
import { contextOf, interruption, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { integerArgument, timeArgument } from '../parse.js';
import { Progress } from '../progress.js';
import { replayText } from '../show.js';

interface ReplayOptions {
  readonly from: number;
  readonly to?: number;
  readonly webhook?: string;
  readonly status?: DeliveryStatus;
  readonly topic?: string;
  readonly rate?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
}

const lookEveryMs = 500;
/** What is under way when a replay is cancelled is still sent; then it has ended. */
const cancelPatienceMs = 5_000;

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('send many deliveries again, at a rate; Ctrl-C cancels what is not sent yet')
    .requiredOption('--from <time>', 'created at or after: 2h, 2026-01-31T08:00:00Z, epoch ms', timeArgument)
    .option('--to <time>', 'created at or before (default: now)', timeArgument)
    .option('--webhook <id>', 'of this webhook')
    .addOption(new Option('--status <status>', 'with this status').choices(deliveryStatuses))
    .option('--topic <topic>', 'of events with this topic')
    .option('--rate <n>', 'deliveries per second at most, 1..1000 (default: 100)', integerArgument(1, 1_000))
    .option('--dry-run', 'count only')
    .option('--yes', 'do not ask')
    .option('--no-wait', 'do not watch its progress')
    .action(async (options: ReplayOptions, command: Command) => {
      const context = contextOf(command);
      const organization = await context.organization();
      const wanted = bodyOf(options);
      const preview = await organization.replays.preview(wanted);
      if (options.dryRun === true) {
        context.output.result(preview, () => `It would send ${preview.Total} deliveries again.`);
        return;
      }
      if (preview.Total === 0) {
        throw new CliError(
          'There is nothing to send again.',
          'Widen --from, --to, --status, --topic or --webhook.',
        );
      }
      if (options.yes !== true) await ask(context, preview.Total);
      const replay = await organization.replays.create(wanted);
      const last = options.wait ? await watch(context, organization, replay) : replay;
      context.output.result(last, () => `Replay ${last.Id} ${replayText(last)}`);
      if (last.State === 'Cancelled') process.exitCode = 130;
    });
}

function bodyOf({ from, to, webhook, status, topic, rate }: ReplayOptions): ReplayInput {
  return {
    From: from,
    To: to ?? Date.now(),
    ...(webhook === undefined ? {} : { WebhookId: webhook }),
    ...(status === undefined ? {} : { Status: status }),
    ...(topic === undefined ? {} : { Topic: topic }),
    ...(rate === undefined ? {} : { RatePerSecond: rate }),
  };
}

async function ask({ output }: Context, total: number): Promise<void> {
  const hint = 'Say --yes to send them, --dry-run to count only.';
  if (output.isJson || !process.stdin.isTTY) {
    throw new CliError(`It would send ${total} deliveries again, and there is nobody to ask.`, hint, 2);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Send ${total} deliveries again? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was sent.', hint);
}

async function watch(context: Context, organization: OrganizationClient, started: Replay): Promise<Replay> {
  const interrupted = interruption();
  const progress = new Progress(context.output, 'sent');
  let replay = started;
  while (replay.State === 'Running' && !interrupted.aborted) {
    await sleep(lookEveryMs, undefined, { signal: interrupted }).catch(() => undefined);
    replay = await organization.replays.get(replay.Id);
    progress.show(replay.Done, replay.Total, replay.Failed === 0 ? '' : `${replay.Failed} failed`);
  }
  progress.end();
  if (replay.State !== 'Running') return replay;
  await organization.replays.cancel(replay.Id);
  context.output.note('Cancelled: what is under way is still sent, nothing else.');
  const end = performance.now() + cancelPatienceMs;
  do replay = await organization.replays.get(replay.Id);
  while (replay.State === 'Running' && performance.now() < end && (await sleep(lookEveryMs, true)));
  return replay;
}
