import { PostriderApiError } from '@postrider/client';
import type { Command } from 'commander';
import { contextOf, type Context } from '../context.js';
import { checkDelivery } from '../doctor/check-delivery.js';
import { checkNats } from '../doctor/check-nats.js';
import { checkServices, healthUrls } from '../doctor/check-services.js';
import { ok, reasonOf, unsure, wrong, type Finding } from '../doctor/check.js';
import { explain } from '../errors.js';
import type { Output } from '../output.js';

interface DoctorOptions {
  readonly health: readonly string[];
  readonly databaseUrl?: string;
  readonly natsUrl?: string;
  readonly delivery: boolean;
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('examine a whole installation: what is wrong, and what to do')
    .option(
      '--health <service=url>',
      'where a service answers its health checks; may be repeated',
      collect,
      [],
    )
    .option('--database-url <url>', 'examine the database too (npm start: known)')
    .option('--nats-url <url>', 'examine NATS too (npm start: known)')
    .option('--no-delivery', 'do not try a delivery to this machine')
    .action(async (options: DoctorOptions, command: Command) => {
      const context = contextOf(command);
      const findings = await examine(context, options);
      const isWell = findings.every(({ Result }) => Result !== 'wrong');
      context.output.result({ Well: isWell, Findings: findings }, () =>
        textOf(context.output, findings, isWell),
      );
      if (!isWell) process.exitCode = 1;
    });
}

async function examine(context: Context, options: DoctorOptions): Promise<Finding[]> {
  const { settings } = context;
  const databaseUrl = options.databaseUrl ?? settings.local?.DatabaseUrl;
  const natsUrl = options.natsUrl ?? settings.local?.NatsUrl;
  const [services, database, nats, key] = await Promise.all([
    checkServices(healthUrls(settings, options.health), async () => context.client.system()),
    databaseUrl === undefined ? [notKnown('database')] : checkDatabase(databaseUrl),
    natsUrl === undefined ? notKnown('nats') : checkNats(natsUrl),
    checkKey(context),
  ]);
  const findings = [
    ok('settings', `${settings.apiUrl}, from ${settings.source}`),
    ...services,
    ...database,
    nats,
    key,
  ];
  // The proof that all works together: pointless where the API itself does not answer.
  if (options.delivery && key.Result !== 'wrong') findings.push(await checkDelivery(context.client));
  return findings;
}

/** Loaded when it is wanted: the schema's code is much for a command that starts in a blink. */
async function checkDatabase(url: string): Promise<Finding[]> {
  const { checkDatabase: check } = await import('../doctor/check-database.js');
  return check(url);
}

const notKnown = (part: 'database' | 'nats'): Finding =>
  unsure(
    part,
    'not looked at directly: its address is not known here (the services say above how they see it)',
    `Give it: --${part}-url …`,
  );

async function checkKey(context: Context): Promise<Finding> {
  try {
    const { Kind, OrganizationName, Scopes } = await context.client.session();
    if (Kind === 'admin') return ok('key', 'the admin key');
    return ok('key', `of "${OrganizationName ?? ''}", for ${Scopes.join(', ')}`);
  } catch (error) {
    const { Hint } = explain(error);
    const detail = error instanceof PostriderApiError ? `refused: ${error.message}` : reasonOf(error);
    return wrong('key', detail, Hint ?? 'See the log of config-api.');
  }
}

function textOf(output: Output, findings: readonly Finding[], isWell: boolean): string {
  const marks = {
    ok: output.paint('green', '✓'),
    wrong: output.paint('red', '✗'),
    unsure: output.paint('yellow', '?'),
  };
  const width = Math.max(...findings.map(({ Part }) => Part.length));
  const lines = findings.map(({ Part, Result, Detail, Remedy }) => {
    const line = `${marks[Result]} ${Part.padEnd(width)}  ${Detail}`;
    return Remedy === null ? line : `${line}\n  ${' '.repeat(width)}  → ${Remedy}`;
  });
  const wrongs = findings.filter(({ Result }) => Result === 'wrong').length;
  const end = isWell ? output.paint('green', 'All is well.') : output.paint('red', `${wrongs} wrong.`);
  return [...lines, '', end].join('\n');
}
