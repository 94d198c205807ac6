import type { CommandWords } from './command-words.ts';
import { shellQuoted } from './shell-quote.ts';

/** For bash 3.2, macOS's, and later. An empty answer has readline offer files. */
export function bashScript(commands: readonly CommandWords[]): string {
  const list = (words: readonly string[]) => shellQuoted(words.join(' '));
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ short, long, takesValue, words }) => {
      if (!takesValue) return [];
      const patterns = [`${name},--${long}`, ...(short ? [`${name},-${short}`] : [])].join('|');
      return [`    ${patterns}) words=${list(words)} ;;`];
    }),
  );
  const options = commands.map(({ name, options: all }) => `    ${name}) words=${list(flagsOf(all))} ;;`);
  const words = commands.flatMap(({ name, words: all }) =>
    all.length > 0 ? [`    ${name}) words=${list(all)} ;;`] : [],
  );
  return `# elastream's commands and options for bash: source <(elastream completion bash)
_elastream() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} != -* ]]; then command="\${COMP_WORDS[i]}"; break; fi
  done
  if [[ -z $command ]]; then
    words=${list([...commands.map(({ name }) => name), '--help', '--version'])}
  else case "$command,$previous" in
${values.join('\n')}
    *) if [[ $current == -* ]]; then case "$command" in
${options.join('\n')}
    esac; else case "$command" in
${words.join('\n')}
    esac; fi ;;
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _elastream elastream
`;
}

function flagsOf(options: CommandWords['options']): string[] {
  return options.flatMap(({ short, long }) => [...(short ? [`-${short}`] : []), `--${long}`]);
}
