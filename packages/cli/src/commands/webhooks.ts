import { everyRow, type WebhookInput } from '@postrider/client';
import type { Webhook, WebhookType, WebhookWithSecret } from '@postrider/contracts';
import { Option, type Command } from 'commander';
import { webhookTypes } from '../choices.js';
import { contextOf } from '../context.js';
import { CliError } from '../errors.js';
import type { Output } from '../output.js';
import { integerArgument, listArgument, readText } from '../parse.js';
import { deliveryText, recordText, webhooksTable } from '../show.js';

interface CreateOptions {
  readonly alias?: string;
  readonly type: WebhookType;
  readonly topic: readonly string[];
  readonly authorization?: string;
  readonly filter?: string;
  readonly timeout?: number;
  readonly rateLimit?: number;
}

export function addWebhooks(program: Command): void {
  const webhooks = program.command('webhooks').description('list, create, examine and change webhooks');
  addReads(webhooks);
  addCreate(webhooks);
  addActions(webhooks);
  addSecrets(webhooks);
}

function addReads(webhooks: Command): void {
  webhooks
    .command('list', { isDefault: true })
    .description('list webhooks')
    .action(async (_options: object, command: Command) => {
      const context = contextOf(command);
      const organization = await context.organization();
      const all: Webhook[] = [];
      for await (const one of everyRow((query) => organization.webhooks.list(query))) all.push(one);
      context.output.result({ Data: all }, () => webhooksTable(context.output, all));
    });
  webhooks
    .command('show <id>')
    .description('show one webhook')
    .action(async (id: string, _options: object, command: Command) => {
      const context = contextOf(command);
      tell(context.output, await (await context.organization()).webhooks.get(id));
    });
}

function addCreate(webhooks: Command): void {
  webhooks
    .command('create <address>')
    .description(
      'create a webhook: a URL, or an address for --type email; tells the signing secret, this once',
    )
    .option('--alias <text>', 'its nickname')
    .addOption(new Option('--type <type>', 'kind of receiver').choices(webhookTypes).default('webhook'))
    .option(
      '--topic <topic>',
      'topic, prefix such as job.execution.*, or *; may be repeated (default: *)',
      listArgument,
      [],
    )
    .option('--authorization <value>', 'sent as Authorization')
    .option('--filter <file>', 'JSON file with an array of rules; - is standard input')
    .option('--timeout <seconds>', 'time for one attempt, 1..30', integerArgument(1, 30))
    .option('--rate-limit <n>', 'attempts per second at most', integerArgument(1, 10_000))
    .action(async (address: string, options: CreateOptions, command: Command) => {
      const context = contextOf(command);
      const made = await (await context.organization()).webhooks.create(bodyOf(address, options));
      tellSecret(context.output, made);
    });
}

function bodyOf(address: string, options: CreateOptions): WebhookInput {
  return {
    Type: options.type,
    ...(options.type === 'email' ? { Email: address } : { Url: address }),
    Topics: options.topic.length === 0 ? ['*'] : [...options.topic],
    ...(options.alias === undefined ? {} : { Alias: options.alias }),
    ...(options.authorization === undefined ? {} : { Authorization: options.authorization }),
    ...(options.filter === undefined ? {} : { Filter: filterOf(options.filter) }),
    ...(options.timeout === undefined ? {} : { TimeoutSeconds: options.timeout }),
    ...(options.rateLimit === undefined ? {} : { RateLimitPerSecond: options.rateLimit }),
  };
}

/** Judged by the server, which names each wrong field. */
function filterOf(file: string): NonNullable<WebhookInput['Filter']> {
  try {
    return JSON.parse(readText(file)) as NonNullable<WebhookInput['Filter']>;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const hint = `An array of rules such as [{"Field":"JobId","Operator":"is","Value":"nightly"}].`;
    throw new CliError(`${file} is not JSON: ${(error as Error).message}`, hint, 2);
  }
}

function addActions(webhooks: Command): void {
  webhooks
    .command('ping <id>')
    .description(
      'send webhook.ping through the whole pipeline and show what came back; fails unless it was received',
    )
    .action(async (id: string, _options: object, command: Command) => {
      const context = contextOf(command);
      const delivery = await (await context.organization()).webhooks.ping(id);
      context.output.result(delivery, () => deliveryText(context.output, delivery));
      if (delivery.Status !== 'Succeeded') process.exitCode = 1;
    });
  webhooks
    .command('pause <id>')
    .description('keep its events as Held deliveries until it is resumed')
    .action(async (id: string, _options: object, command: Command) => {
      const context = contextOf(command);
      tell(context.output, await (await context.organization()).webhooks.pause(id));
    });
  webhooks
    .command('resume <id>')
    .description('resume a paused or enable a disabled webhook; Held deliveries are delivered')
    .option('--discard', 'cancel the Held deliveries instead')
    .action(async (id: string, { discard }: { discard?: boolean }, command: Command) => {
      const context = contextOf(command);
      const Held = discard === true ? 'discard' : 'deliver';
      tell(context.output, await (await context.organization()).webhooks.resume(id, { Held }));
    });
  webhooks
    .command('delete <id>')
    .description('delete a webhook; its pending deliveries are cancelled, its log stays readable')
    .action(async (id: string, _options: object, command: Command) => {
      const context = contextOf(command);
      await (await context.organization()).webhooks.delete(id);
      context.output.result({ Id: id, Deleted: true }, () => `Deleted ${id}.`);
    });
}

function addSecrets(webhooks: Command): void {
  webhooks
    .command('rotate <id>')
    .description('make a new signing secret and tell it, this once')
    .option(
      '--grace <seconds>',
      'how long the old one is good too, 0..604800',
      integerArgument(0, 604_800),
      86_400,
    )
    .action(async (id: string, { grace }: { grace: number }, command: Command) => {
      const context = contextOf(command);
      const rotated = await (await context.organization()).webhooks.rotateSecret(id, { GraceSeconds: grace });
      tellSecret(context.output, rotated);
    });
}

function tell(output: Output, webhook: Webhook): void {
  output.result(webhook, () => recordText(webhook));
}

function tellSecret(output: Output, webhook: WebhookWithSecret): void {
  tell(output, webhook);
  if (webhook.SigningSecret !== null) output.note('Keep the SigningSecret now: it is not told again.');
}
