import { everyRow, type OrganizationClient } from '@postrider/client';
import type { Delivery } from '@postrider/contracts';
import type { Command } from 'commander';
import { contextOf, interruption, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { forward } from '../forward.js';
import { printable, time } from '../output.js';
import { integerArgument } from '../parse.js';
import { Seen } from '../seen.js';
import { addressOf, outcomeOf } from '../show.js';

interface ListenOptions {
  readonly forward?: string;
  readonly authorization?: string;
  readonly webhook?: string;
  readonly topic?: string;
  readonly count?: number;
}

export function addListen(program: Command): void {
  program
    .command('listen')
    .description('print deliveries as they change, and forward each attempt to your machine, with no tunnel')
    .option('--forward <url>', 'send every attempt here too, with body and headers as they were sent')
    .option('--authorization <value>', 'Authorization for --forward (the log masks the one that was sent)')
    .option('--webhook <id>', 'of this webhook')
    .option('--topic <topic>', 'of events with this topic; a prefix such as job.execution.* will do')
    .option('--count <n>', 'end after so many lines', integerArgument(1, 1_000_000))
    .action(async (options: ListenOptions, command: Command) => {
      if (options.forward !== undefined) requireUrl(options.forward);
      const context = contextOf(command);
      await new Listening(context, await context.organization(), options, interruption()).run();
    });
}

function requireUrl(text: string): void {
  if (URL.canParse(text) && /^https?:/.test(text)) return;
  throw new CliError(
    `--forward ${JSON.stringify(text)} is no URL.`,
    'For example: --forward http://localhost:4010/webhooks',
    2,
  );
}

/** Rows of a list that may have changed while the stream was broken. */
const catchUpRows = 100;
/** Clocks differ, and what was told just before the break may not have arrived. */
const catchUpMarginMs = 10_000;

class Listening {
  private readonly seen = new Seen();
  private readonly names = new Map<string, string>();
  private readonly ended = new AbortController();
  private printed = 0;
  private brokenAt: number | null = null;
  /** Forwarding keeps the order of attempts, and does not hold up the stream. */
  private forwarding: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: Context,
    private readonly organization: OrganizationClient,
    private readonly options: ListenOptions,
    interrupted: AbortSignal,
  ) {
    interrupted.addEventListener('abort', () => this.ended.abort());
  }

  async run(): Promise<void> {
    await this.learnNames();
    const { webhook } = this.options;
    const stream = this.organization.live({
      ...(webhook === undefined ? {} : { WebhookId: webhook }),
      signal: this.ended.signal,
      onOpen: ({ isAgain }) => this.opened(isAgain),
      onBreak: ({ error, waitMs }) => this.broken(error, waitMs),
    });
    for await (const { Data, More } of stream) {
      for (const delivery of Data) await this.take(delivery);
      if (More > 0) {
        this.context.output.note(`… and ${More} more deliveries changed: postrider deliveries`);
      }
    }
    await this.forwarding;
    this.context.output.note(`${this.printed} changes shown.`);
  }

  private async learnNames(): Promise<void> {
    for await (const webhook of everyRow((query) => this.organization.webhooks.list(query))) {
      this.names.set(webhook.Id, webhook.Alias ?? addressOf(webhook));
    }
    if (this.names.size === 0) {
      this.context.output.note(
        'No webhooks yet, so nothing will come. Make one: postrider webhooks create <url>',
      );
    }
  }

  private opened(isAgain: boolean): void {
    const { output, settings } = this.context;
    if (!isAgain) {
      const target = this.options.forward === undefined ? '' : `, forwarding to ${this.options.forward}`;
      output.note(`Listening to ${settings.apiUrl}${target}. Ctrl-C ends it.`);
      return;
    }
    output.note('Connected again.');
    if (this.brokenAt !== null) this.catchUp(this.brokenAt);
    this.brokenAt = null;
  }

  private broken(error: unknown, waitMs: number): void {
    this.brokenAt ??= Date.now();
    const reason = error instanceof Error ? error.message : String(error);
    this.context.output.note(`The stream broke (${reason}); trying again in ${waitMs / 1_000} s.`);
  }

  /** What was created since the stream broke is looked up in the list. */
  private catchUp(brokenAt: number): void {
    const { webhook } = this.options;
    const query = {
      From: brokenAt - catchUpMarginMs,
      Limit: catchUpRows,
      ...(webhook === undefined ? {} : { WebhookId: webhook }),
    };
    this.organization.deliveries
      .list(query)
      .then(async ({ Data }) => {
        for (const delivery of [...Data].reverse()) await this.take(delivery);
      })
      .catch((error: unknown) => this.context.output.note(`Could not catch up: ${String(error)}`));
  }

  private async take(delivery: Delivery): Promise<void> {
    if (this.ended.signal.aborted || !this.isWanted(delivery.Topic)) return;
    const { isNew, firstAttempt } = this.seen.look(delivery);
    if (!isNew) return;
    this.print(delivery);
    const { forward: url } = this.options;
    if (url !== undefined && firstAttempt <= delivery.AttemptsCount) {
      this.forwarding = this.forwarding
        .then(() => this.forward(url, delivery.Id, firstAttempt))
        .catch((error: unknown) =>
          this.context.output.note(`Could not forward ${delivery.Id}: ${String(error)}`),
        );
    }
    this.printed += 1;
    if (this.printed === this.options.count) {
      await this.forwarding;
      this.ended.abort();
    }
  }

  private isWanted(topic: string): boolean {
    const { topic: wanted } = this.options;
    if (wanted === undefined || wanted === '*' || wanted === topic) return true;
    return wanted.endsWith('.*') && topic.startsWith(wanted.slice(0, -1));
  }

  private print(delivery: Delivery): void {
    const { output } = this.context;
    output.event({ Delivery: delivery }, () =>
      [
        output.paint('dim', time(delivery.UpdatedAt).slice(11)),
        output.status(delivery.Status).padEnd(9),
        delivery.Topic,
        outcomeOf(delivery),
        ...(delivery.AttemptsCount > 1 ? [`attempt ${delivery.AttemptsCount}`] : []),
        printable(this.names.get(delivery.WebhookId) ?? delivery.WebhookId),
        output.paint('dim', delivery.Id),
      ].join('  '),
    );
  }

  private async forward(url: string, deliveryId: string, firstAttempt: number): Promise<void> {
    const { output } = this.context;
    const { Attempts } = await this.organization.deliveries.get(deliveryId);
    for (const attempt of Attempts.filter(({ Number }) => Number >= firstAttempt)) {
      const answer = await forward(url, attempt.Request, this.options.authorization);
      const told = { DeliveryId: deliveryId, AttemptId: attempt.Id, Attempt: attempt.Number, ...answer };
      output.event({ Forwarded: told }, () => {
        const outcome =
          answer.Error === null
            ? `${answer.StatusCode} in ${answer.DurationMs} ms`
            : output.paint('red', answer.Error);
        return `          → attempt ${attempt.Number} forwarded: ${outcome}`;
      });
    }
  }
}
