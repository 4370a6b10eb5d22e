import { everyRow } from '@postrider/client';
import type { AcceptedEvent, PublishedEvent } from '@postrider/contracts';
import type { Command } from 'commander';
import { contextOf, interruption, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { integerArgument, parseObject, readText, textOf } from '../parse.js';
import { Progress } from '../progress.js';

interface TriggerOptions {
  readonly data?: string;
  readonly resource?: string;
  readonly id?: string;
  readonly count: number;
  readonly file?: string;
}

const batchSize = 100;

export function addTrigger(program: Command): void {
  program
    .command('trigger [topic]')
    .description('publish an event, or many; without --data the topic’s example')
    .option('--data <json>', 'Data as JSON, @file, or - for standard input')
    .option('--resource <text>', 'Resource, such as JobExecution')
    .option('--id <id>', 'Id of the event; the same again is the same event (default: a new one)')
    .option('--count <n>', 'publish so many, each with an Id of its own', integerArgument(1, 100_000), 1)
    .option(
      '--file <ndjson>',
      'publish every line of a file, each an event with its Topic; - is standard input',
    )
    .action(async (topic: string | undefined, options: TriggerOptions, command: Command) => {
      const context = contextOf(command);
      const events = await eventsOf(context, topic, options);
      const accepted = await publish(context, events);
      const deliveries = accepted.reduce((sum, one) => sum + one.Deliveries, 0);
      context.output.result(accepted.length === 1 ? accepted[0] : { Data: accepted }, () =>
        textOfAccepted(accepted),
      );
      if (deliveries === 0) {
        context.output.note(
          'No webhook wants it: see their topics, filters and states with `postrider webhooks`.',
        );
      }
    });
}

function textOfAccepted(accepted: readonly AcceptedEvent[]): string {
  const deliveries = accepted.reduce((sum, one) => sum + one.Deliveries, 0);
  const repeated = accepted.filter((one) => one.Duplicate).length;
  const [only] = accepted;
  const what = accepted.length === 1 && only !== undefined ? `event ${only.Id}` : `${accepted.length} events`;
  const again =
    repeated === 0
      ? ''
      : accepted.length === 1
        ? ' (known already: not sent again)'
        : ` (${repeated} known already)`;
  return `Accepted ${what}${again}: ${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}.`;
}

async function eventsOf(
  context: Context,
  topic: string | undefined,
  { data, resource, id, count, file }: TriggerOptions,
): Promise<PublishedEvent[]> {
  if (file !== undefined) return fromFile(file, topic);
  if (topic === undefined) {
    throw new CliError(
      'Which topic?',
      'For example: postrider trigger job.execution.failed. All: postrider topics',
      2,
    );
  }
  if (id !== undefined && count > 1) {
    throw new CliError('One --id for many events would be one event.', 'Leave --id or --count out.', 2);
  }
  const Data = data === undefined ? await exampleOf(context, topic) : parseObject(textOf(data), '--data');
  const event = {
    Topic: topic,
    Data,
    ...(resource === undefined ? {} : { Resource: resource }),
    ...(id === undefined ? {} : { Id: id }),
  };
  return Array.from({ length: count }, () => event);
}

function fromFile(file: string, topic: string | undefined): PublishedEvent[] {
  const lines = readText(file)
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
  const events = lines.map(({ line, number }) => ({
    ...(topic === undefined ? {} : { Topic: topic }),
    ...parseObject(line, `line ${number} of ${file}`),
  }));
  if (events.length === 0) throw new CliError(`${file} holds no events.`, 'One JSON object per line.', 2);
  // Judged by the server, which names each wrong field.
  return events as PublishedEvent[];
}

async function exampleOf({ client, output }: Context, topic: string): Promise<Record<string, unknown>> {
  for await (const one of everyRow((query) => client.topics(query))) {
    if (one.Name !== topic) continue;
    if (one.Example !== null) {
      output.note('Data: the topic’s example (--data gives another).');
      return one.Example;
    }
  }
  return {};
}

/** In batches, each accepted whole or not at all; ends between two of them at Ctrl-C. */
async function publish(context: Context, events: readonly PublishedEvent[]): Promise<AcceptedEvent[]> {
  const organization = await context.organization();
  const [only] = events;
  if (events.length === 1 && only !== undefined) return [await organization.events.publish(only)];
  const interrupted = interruption();
  const progress = new Progress(context.output, 'published');
  const accepted: AcceptedEvent[] = [];
  try {
    for (let from = 0; from < events.length && !interrupted.aborted; from += batchSize) {
      accepted.push(...(await organization.events.publish(events.slice(from, from + batchSize))));
      progress.show(accepted.length, events.length);
    }
  } catch (error) {
    progress.end();
    context.output.note(`${accepted.length} of ${events.length} were accepted before it failed.`);
    throw error;
  }
  progress.end();
  if (accepted.length < events.length) {
    context.output.note(`Stopped: ${accepted.length} of ${events.length} were published.`);
    process.exitCode = 130;
  }
  return accepted;
}
