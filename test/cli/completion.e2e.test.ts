import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { runCli } from '../support/cli.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** A skipped test is a failure in CI, which need not have all shells: without one, its script is only read. */
const isHere = (shell: string) => spawnSync(shell, ['--version']).status === 0;

/** Command lines whose last word is being typed, and what may come of it. */
const COMPLETED: readonly (readonly [string, readonly string[]])[] = [
  ['elastream fea', ['featurize']],
  ['elastream featurize --fo', ['--format']],
  ['elastream featurize --features ', ['all', 'all+g', 'c', 'c+s', 'c+s+g', 'g', 'paper', 'paper+g', 's']],
  ['elastream predict dir -o x.csv --form', ['--format']],
  ['elastream completion ', ['bash', 'fish', 'zsh']],
  ['elastream help expo', ['export']],
  ['elastream status --cl', ['--cluster']],
];

describe('elastream completion', () => {
  const scratch = scratchDirectory();
  const scripts = new Map<string, string>();
  const file = (shell: string) => join(scratch.path, `completion.${shell}`);
  beforeAll(async () => {
    for (const shell of SHELLS) {
      const { code, stdout, stderr } = await runCli(['completion', shell]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      scripts.set(shell, stdout);
      writeFileSync(file(shell), stdout);
    }
  });
  afterAll(() => scratch.remove());

  it.each(SHELLS)('knows every command and option that --help shows (%s)', async (shell) => {
    const script = scripts.get(shell)!;
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}(\w+) .*[[<]/gm)].map(([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['featurize', 'sql', 'completion', 'help']));
    const described = new RegExp(`(?:[ '(])(${commands.join('|')})(?=[ ':)])`, 'g');
    expect(new Set([...script.matchAll(described)].map(([, name]) => name))).toEqual(new Set(commands));
    const help = await runCli(['featurize', '--help']);
    for (const [, option] of help.stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)) {
      expect(script).toMatch(new RegExp(`(--|-l )${option}\\b`));
    }
  });

  it.each(SHELLS)('leaves no quote open (%s)', (shell) => {
    const text = scripts.get(shell)!.replace(/^#.*/gm, '');
    const rest = text.replace(shell === 'fish' ? /'(?:[^'\\]|\\.)*'/g : /'[^']*'|\\'/g, '');
    expect(rest).not.toContain("'");
  });

  const inBash =
    'source "$0"; read -ra COMP_WORDS <<<"$1"; [[ $1 == *" " ]] && COMP_WORDS+=(""); ' +
    `COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _elastream; printf "%s\\n" "\${COMPREPLY[@]}"`;
  if (isHere('bash'))
    it.each(COMPLETED)('completes in bash: %s', (line, words) => {
      const { stdout, stderr } = spawnSync('bash', ['-c', inBash, file('bash'), line], { encoding: 'utf8' });
      expect({ stderr, words: stdout.trim().split('\n').sort() }).toEqual({ stderr: '', words });
    });

  if (isHere('fish'))
    it.each(COMPLETED)('completes in fish: %s', (line, words) => {
      const args = ['--no-config', '-c', `source ${file('fish')}; complete -C '${line}'`];
      const { stdout, stderr } = spawnSync('fish', args, { encoding: 'utf8' });
      const found = stdout.trim().split('\n');
      expect({ stderr, words: found.map((row) => row.split('\t')[0]).sort() }).toEqual({ stderr: '', words });
    });

  if (isHere('zsh'))
    it('is what zsh loads, and offers the options of the command that is named', () => {
      const said =
        `compdef() { :; }; _describe() { print -rl -- \${(P)2}; }; _arguments() { print -rl -- "$@"; }; source $0; ` +
        'words=(elastream fea) CURRENT=2; _elastream; words=(elastream predict dir) CURRENT=3; _elastream';
      const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', said, file('zsh')], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^featurize:crystal structures to feature vectors\n/);
      expect(stdout).toContain('(--format)--format[by default as the output is named');
      expect(stdout).not.toContain('--features');
    });
});
