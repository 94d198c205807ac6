import type { CommandWords, OptionWords } from './command-words.ts';
import { shellQuoted } from './shell-quote.ts';

/** To be sourced, or kept as the file _elastream in a folder of fpath. */
export function zshScript(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, summary }) => `    ${shellQuoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    const argument = words.length > 0 ? `1:word:(${words.join(' ')})` : '*:file:_files';
    const specs = [...options.flatMap(optionSpecs), argument].map((spec) => `        ${shellQuoted(spec)}`);
    return `      ${name}) _arguments -s \\\n${specs.join(' \\\n')} ;;`;
  });
  return `#compdef elastream
# elastream's commands and options for zsh: source <(elastream completion zsh)
_elastream() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
  else
    shift words
    (( CURRENT -= 1 ))
    case $words[1] in
${cases.join('\n')}
    esac
  fi
}
if [[ $funcstack[1] == _elastream ]]; then _elastream "$@"; else compdef _elastream elastream; fi
`;
}

/** One for each way to write it; what is there already is not offered again, however it was written. */
function optionSpecs({ short, long, description, takesValue, words }: OptionWords): string[] {
  const flags = [`--${long}`, ...(short ? [`-${short}`] : [])];
  const value = words.length > 0 ? `:value:(${words.join(' ')})` : ':value:_files';
  const text = description.replace(/[[\]:\\]/g, (character) => `\\${character}`);
  return flags.map((flag) => `(${flags.join(' ')})${flag}[${text}]${takesValue ? value : ''}`);
}
