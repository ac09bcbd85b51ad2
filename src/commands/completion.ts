// The `completion` command: a script by which a shell completes commands and options, made from the
// commands themselves. It is static: no program runs when Tab is pressed.

import type { Command } from 'commander';
import { oneOf } from './option-values.ts';
import { standardOutput } from './output.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
  /** Words that an argument may be. */
  readonly words: readonly string[];
}

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .argument('<shell>', shells.join(', '), oneOf('completion', shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(kafka2ipfix completion bash)
  kafka2ipfix completion zsh > "\${fpath[1]}/_kafka2ipfix"
  kafka2ipfix completion fish > ~/.config/fish/completions/kafka2ipfix.fish`,
    )
    .action((shell: Shell) => standardOutput.write(scriptFor(shell, commandsOf(program))));
}

const commandsOf = (program: Command): CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .flatMap(({ long, description }) => (long ? [{ flag: long, description }] : [])),
    words: command.name() === 'completion' ? shells : [],
  }));

/** Exported for tests. */
const scriptFor = (shell: Shell, commands: readonly CompletedCommand[]): string =>
  ({ bash, zsh, fish })[shell](commands);

const namesOf = (commands: readonly CompletedCommand[]): string =>
  commands.map(({ name }) => name).join(' ');

const wordsOf = ({ options, words }: CompletedCommand): string =>
  [...options.map(({ flag }) => flag), ...words].join(' ');

/** Within single quotes of any of the shells. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const bash = (commands: readonly CompletedCommand[]): string => `# bash completion of kafka2ipfix
_kafka2ipfix() {
  local words
  if [[ $COMP_CWORD -eq 1 ]]; then
    words='${namesOf(commands)} --help --version'
  else
    case \${COMP_WORDS[1]} in
${commands.map((command) => `      ${command.name}) words='${wordsOf(command)}' ;;`).join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _kafka2ipfix kafka2ipfix
`;

const zsh = (commands: readonly CompletedCommand[]): string => `#compdef kafka2ipfix
_kafka2ipfix() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case $words[2] in
${commands.map((command) => `    ${command.name}) compadd -- ${wordsOf(command)}; _files ;;`).join('\n')}
  esac
}
compdef _kafka2ipfix kafka2ipfix
`;

const fish = (commands: readonly CompletedCommand[]): string =>
  commands
    .flatMap(({ name, description, options, words }) => {
      const within = `complete -c kafka2ipfix -n '__fish_seen_subcommand_from ${name}'`;
      return [
        `complete -c kafka2ipfix -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
        ...options.map((o) => `${within} -l ${o.flag.slice(2)} -d ${quoted(o.description)}`),
        ...words.map((word) => `${within} -f -a ${word}`),
      ];
    })
    .map((line) => `${line}\n`)
    .join('');
