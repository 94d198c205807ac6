import { Argument, Command } from 'commander';
import { bashScript } from './completion/bash-script.ts';
import { type CommandWords, commandWords } from './completion/command-words.ts';
import { fishScript } from './completion/fish-script.ts';
import { zshScript } from './completion/zsh-script.ts';

const HELP_AFTER = `
Examples:
  echo 'source <(elastream completion bash)' >> ~/.bashrc
  echo 'source <(elastream completion zsh)' >> ~/.zshrc        after compinit
  elastream completion fish > ~/.config/fish/completions/elastream.fish`;

const SCRIPTS: ReadonlyMap<string, (commands: readonly CommandWords[]) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/** `elastream completion SHELL`: a script by which a shell completes commands and options. */
export function completionCommand(): Command {
  return new Command('completion')
    .summary('have bash, zsh or fish complete commands and options')
    .description('Prints a script by which a shell completes what stands on the command line.')
    .addArgument(new Argument('<shell>', 'which shell').choices([...SCRIPTS.keys()]))
    .addHelpText('after', HELP_AFTER)
    .action((shell: string, _: unknown, command: Command) => {
      process.stdout.write(SCRIPTS.get(shell)!(commandWords(command.parent!)));
    });
}
