import { Argument, type Command } from 'commander';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(shells))
    .description('print completions for a shell: eval "$(postrider completion bash)"')
    .action((shell: Shell) => {
      process.stdout.write(completionFor(shell, program));
    });
}

interface Node {
  /** Commands up to here, such as `webhooks create`; empty at the top. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

/** The words that may follow each command, from the commands themselves. */
function nodesOf(command: Command, path: readonly string[] = []): Node[] {
  const visible = command.createHelp().visibleCommands(command);
  const ownOptions = command.options.filter((option) => !option.hidden);
  const words = [
    ...visible.map((one) => ({ word: one.name(), description: one.description() })),
    ...[...ownOptions, ...(command.parent === null ? [] : rootOf(command).options)].map((option) => ({
      word: option.long ?? option.short ?? '',
      description: option.description,
    })),
  ];
  const below = visible
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => nodesOf(one, [...path, one.name()]));
  return [{ path: path.join(' '), words }, ...below];
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

export function completionFor(shell: Shell, program: Command): string {
  const nodes = nodesOf(program);
  if (shell === 'fish') return fish(nodes);
  const bash = bashFunction(nodes);
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function bashFunction(nodes: readonly Node[]): string {
  const cases = nodes.map(
    ({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`,
  );
  const paths = nodes.map(({ path }) => `|${path}`).join('');
  return `# Completions of postrider for bash.
_postrider() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' words='' paths='${paths}|' index word
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    [[ $word == -* ]] && continue
    [[ $paths == *"|\${path:+$path }$word|"* ]] && path=\${path:+$path }$word
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _postrider postrider
`;
}

function fish(nodes: readonly Node[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap(({ path, words }) => {
    const names = nodes
      .map((node) => node.path)
      .filter(
        (one) =>
          one !== '' &&
          one.startsWith(path) &&
          one.split(' ').length === (path === '' ? 0 : path.split(' ').length) + 1,
      )
      .map((one) => one.split(' ').at(-1));
    const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition =
      names.length === 0 ? seen : [...seen, `not __fish_seen_subcommand_from ${names.join(' ')}`];
    const guard = condition.length === 0 ? '' : ` -n ${quoted(condition.join('; and '))}`;
    return words.map(({ word, description }) =>
      word.startsWith('--')
        ? `complete -c postrider${guard} -l ${word.slice(2)} -d ${quoted(description)}`
        : `complete -c postrider${guard} -f -a ${word} -d ${quoted(description)}`,
    );
  });
  return `# Completions of postrider for fish.\n${lines.join('\n')}\n`;
}
