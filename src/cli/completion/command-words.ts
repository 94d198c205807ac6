import type { Argument, Command, Option } from 'commander';

/** What can stand on a command line, for scripts that complete it. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** What its first argument may be, where that is one of a few words; else files are offered. */
  readonly words: readonly string[];
}

export interface OptionWords {
  /** `o` of -o. */
  readonly short: string | undefined;
  /** `output` of --output. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** What its value may be, where that is one of a few words. */
  readonly words: readonly string[];
}

/** The commands of a program, those that every one has included. */
export function commandWords(program: Command): CommandWords[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name()).filter((name) => name !== 'help');
  return commands.map((command) => ({
    name: command.name(),
    summary: help.subcommandDescription(command),
    options: [command, ...command.commands].flatMap((one) => help.visibleOptions(one)).flatMap(optionWords),
    words: command.name() === 'help' ? names : firstWords(command),
  }));
}

function optionWords(option: Option): OptionWords[] {
  if (!option.long) return [];
  return [
    {
      short: option.short?.slice(1),
      long: option.long.slice(2),
      description: option.description,
      takesValue: option.required || option.optional,
      words: choicesOf(option),
    },
  ];
}

function firstWords({ commands, registeredArguments }: Command): readonly string[] {
  return commands.length > 0 ? commands.map((command) => command.name()) : choicesOf(registeredArguments[0]);
}

function choicesOf(of: Pick<Argument, 'argChoices'> | undefined): readonly string[] {
  return of?.argChoices ?? [];
}
