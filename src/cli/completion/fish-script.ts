import type { CommandWords } from './command-words.ts';

/** To be sourced, or kept as completions/elastream.fish. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, options, words }) => {
    const within = `complete -c elastream -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c elastream -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(words.length > 0 ? [`${within} -f -a ${quoted(words.join(' '))}`] : []),
      ...options.map(({ short, long, description, takesValue, words: values }) => {
        const flags = `${short ? ` -s ${short}` : ''} -l ${long}`;
        const value = values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : ' -r -F';
        return `${within}${flags}${takesValue ? value : ''} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# elastream's commands and options for fish: elastream completion fish | source\n${lines.join('\n')}\n`;
}

/** In fish's single quotes a backslash and a quote are escaped, and nothing else. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
