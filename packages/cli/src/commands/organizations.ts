import { everyRow } from '@postrider/client';
import type { Organization, Topic } from '@postrider/contracts';
import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { table, time } from '../output.js';
import { recordText } from '../show.js';

/** For who has the admin key: the id is what the other commands want. */
export function addOrganizations(program: Command): void {
  const organizations = program
    .command('organizations')
    .description('list or create organizations (admin key)');
  organizations
    .command('list', { isDefault: true })
    .description('list organizations')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const all: Organization[] = [];
      for await (const one of everyRow((query) => client.organizations(query))) all.push(one);
      output.result({ Data: all }, () =>
        all.length === 0
          ? 'No organizations yet. Make one: postrider organizations create <name>'
          : table([
              ['ID', 'NAME', 'CREATED (UTC)'],
              ...all.map((one) => [one.Id, one.Name, time(one.CreatedAt)]),
            ]),
      );
    });
  organizations
    .command('create <name>')
    .description('create an organization')
    .action(async (name: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const made = await client.createOrganization({ Name: name });
      output.result(made, () => recordText(made));
    });
}

export function addTopics(program: Command): void {
  program
    .command('topics')
    .description('list the topics that events may have')
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command);
      const all: Topic[] = [];
      for await (const one of everyRow((query) => client.topics(query))) all.push(one);
      output.result({ Data: all }, () =>
        table([
          ['NAME', 'TITLE'],
          ...all.map((one) => [one.Name + (one.Deprecated ? ' (deprecated)' : ''), one.Title ?? '']),
        ]),
      );
    });
}
