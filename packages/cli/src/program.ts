import { Command } from 'commander';
import { addCompletion } from './commands/completion.js';
import { addDeliveries, addResend } from './commands/deliveries.js';
import { addDoctor } from './commands/doctor.js';
import { addListen } from './commands/listen.js';
import { addOrganizations, addTopics } from './commands/organizations.js';
import { addReplay } from './commands/replay.js';
import { addTrigger } from './commands/trigger.js';
import { addVerify } from './commands/verify.js';
import { addWebhooks } from './commands/webhooks.js';
import { version } from './version.js';

const environmentHelp = `
Which Postrider: --api-url and --api-key, else POSTRIDER_API_URL and POSTRIDER_API_KEY (POSTRIDER_INGEST_URL where events
are published elsewhere), else the one that \`npm start\` runs here (.postrider/local.json).
Which organization: --organization, else POSTRIDER_ORGANIZATION, else the key's own, else the only one there is.

Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted.`;

/** `isJson`: what was not understood is told by who calls, as JSON, and not by commander. */
export function createProgram(isJson = false): Command {
  const program = new Command('postrider')
    .description('Watch, forward, publish, resend, replay, verify and examine Postrider’s webhooks.')
    .version(version)
    .option('--json', 'JSON on standard output, errors as JSON on standard error')
    .option('--api-url <url>', 'address of config-api')
    .option('--ingest-url <url>', 'address of event-ingest')
    .option('--api-key <key>', 'admin key or API key')
    .option('-o, --organization <id>', 'id or name of the organization')
    .addHelpText('after', environmentHelp)
    .showSuggestionAfterError()
    .showHelpAfterError('(postrider --help tells more)')
    .exitOverride();
  if (isJson) program.configureOutput({ writeErr: () => undefined });
  for (const add of [
    addListen,
    addTrigger,
    addWebhooks,
    addDeliveries,
    addResend,
    addReplay,
    addVerify,
    addDoctor,
    addOrganizations,
    addTopics,
    addCompletion,
  ]) {
    add(program);
  }
  for (const command of everyCommand(program)) command.exitOverride();
  return program;
}

const everyCommand = (command: Command): Command[] =>
  command.commands.flatMap((one) => [one, ...everyCommand(one)]);
