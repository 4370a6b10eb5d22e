// What every command has: the settings, a client, the organization it is about, and where its output goes.
import { everyRow, PostriderClient, type OrganizationClient } from '@postrider/client';
import type { Command } from 'commander';
import { readSettings, type Flags, type Settings } from './config.js';
import { CliError } from './errors.js';
import { Output } from './output.js';
import { version } from './version.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class Context {
  readonly output: Output;
  private read: Settings | undefined;
  private made: PostriderClient | undefined;

  constructor(readonly flags: Flags) {
    this.output = new Output(flags.json === true);
  }

  get settings(): Settings {
    return (this.read ??= readSettings(this.flags));
  }

  get client(): PostriderClient {
    if (this.made !== undefined) return this.made;
    const { apiUrl, ingestUrl, apiKey } = this.settings;
    if (apiKey === undefined) {
      throw new CliError('No key is given.', 'Set POSTRIDER_API_KEY, or --api-key.');
    }
    return (this.made = new PostriderClient({
      apiUrl,
      ingestUrl,
      apiKey,
      userAgent: `postrider-cli/${version}`,
    }));
  }

  /** The one that is named; else the key's own; else the only one there is. */
  async organization(): Promise<OrganizationClient> {
    const { organization } = this.settings;
    if (organization !== undefined && uuid.test(organization)) return this.client.organization(organization);
    const session = await this.client.session();
    if (organization === undefined && session.OrganizationId !== null) {
      return this.client.organization(session.OrganizationId);
    }
    if (session.Kind !== 'admin') {
      if (organization === session.OrganizationName && session.OrganizationId !== null) {
        return this.client.organization(session.OrganizationId);
      }
      throw new CliError(
        `This key is not of an organization "${organization}".`,
        'Leave --organization out.',
      );
    }
    return this.client.organization(await this.choose(organization));
  }

  private async choose(name: string | undefined): Promise<string> {
    const found: { Id: string; Name: string }[] = [];
    let isMore = false;
    for await (const one of everyRow((query) => this.client.organizations(query))) {
      if (name !== undefined && one.Name !== name) continue;
      // Enough to tell one from several; the list for the hint need not be whole.
      if ((isMore = found.length >= 10)) break;
      found.push(one);
    }
    const [only] = found;
    if (only !== undefined && found.length === 1) return only.Id;
    const hint = 'Make one: postrider organizations create <name>';
    if (only === undefined) {
      throw new CliError(
        name === undefined ? 'There is no organization yet.' : `There is no organization "${name}".`,
        name === undefined ? hint : `See those there are: postrider organizations. ${hint}`,
      );
    }
    const lines = found.map(({ Id, Name }) => `  ${Id}  ${Name}`);
    throw new CliError(
      'The admin key sees several organizations.',
      [
        'Name one with --organization <id> or POSTRIDER_ORGANIZATION:',
        ...lines,
        ...(isMore ? ['  …'] : []),
      ].join('\n'),
    );
  }
}

export const contextOf = (command: Command): Context => new Context(command.optsWithGlobals<Flags>());

/** Aborts at the first Ctrl-C (or SIGTERM), so that the command can end in order; a second one ends it at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
